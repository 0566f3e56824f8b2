import { runProcess } from "@forerun/host/run-process";
import { start } from "./app.ts";

await runProcess(
  () => start(process.env),
  ({ grpc, metrics }) => ({ service: "router", grpc, metrics }),
);
