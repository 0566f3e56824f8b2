import { runProcess } from "@forerun/host/run-process";
import { createWebHandler } from "@forerun/web/server/web-handler";
import { start } from "./app.ts";

await runProcess(
  () => start(process.env, createWebHandler()),
  ({ http, grpc, metrics }) => ({ service: "chat", http, grpc, metrics }),
);
