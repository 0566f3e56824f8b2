/** Takes spans in a process of its own, so that taking them costs the measured one nothing. */
import { startSpanSink } from "../overhead/span-sink.ts";

const { url } = await startSpanSink();
process.stdout.write(`${JSON.stringify({ event: "ready", url })}\n`);
process.on("SIGTERM", () => process.exit(0));
