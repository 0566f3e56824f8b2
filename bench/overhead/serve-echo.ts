/** The reference: the least a Node process does for a JSON request. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

const server = createServer((request, response) => {
  void text(request).then((body) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(JSON.parse(body)));
  });
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(
    `${JSON.stringify({ event: "ready", http: `http://127.0.0.1:${port}`, pid: process.pid })}\n`,
  );
});
