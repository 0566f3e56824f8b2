import { runProcess } from "@forerun/host/run-process";
import { createWebHandler } from "@forerun/web/server/web-handler";
import { start } from "./app.ts";
import { readChatEnvironment } from "./config.ts";

await runProcess(
  () => {
    const { TRACE_URL: traceUrl } = readChatEnvironment(process.env);
    return start(process.env, createWebHandler({ traceUrl }));
  },
  ({ http, grpc, metrics }) => ({ service: "chat", http, grpc, metrics }),
);
