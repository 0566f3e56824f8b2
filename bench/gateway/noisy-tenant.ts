/** `node --import tsx noisy-tenant.ts URL TOKEN A_SECOND`: asks so often, whatever is answered, until it is ended. */
import { ask, openClient } from "../../tests/faults/gateway/ask.ts";

const [url = "", token = "", aSecond = ""] = process.argv.slice(2);
const EVERY_MS = 10;
const agent = openClient();

setInterval(() => {
  for (let sent = 0; sent < (Number(aSecond) * EVERY_MS) / 1_000; sent++) void ask({ url, token, agent });
}, EVERY_MS);
process.stdout.write(`${JSON.stringify({ event: "ready", pid: process.pid })}\n`);
