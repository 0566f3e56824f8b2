import { Client, credentials, Metadata, status } from "@grpc/grpc-js";

/** Headers of a call, as often as they are to be sent. */
type Sent = readonly (readonly [name: string, value: string])[];

/** Calls a gRPC method with an empty request, and tells how it ended; at its first answer that is OK. */
type CallStatus = (path: string, headers: Sent) => Promise<{ code: status; details: string }>;

const asIs = (bytes: Buffer) => bytes;

/** To an address, by plain grpc-js. Disposed of with `close`. */
export function openCallStatus(address: string): { call: CallStatus; close(): void } {
  const client = new Client(address, credentials.createInsecure());
  const call: CallStatus = (path, headers) =>
    new Promise((resolve) => {
      const metadata = new Metadata();
      for (const [name, value] of headers) metadata.add(name, value);
      const deadline = Date.now() + 20_000;
      const stream = client.makeServerStreamRequest(path, asIs, asIs, Buffer.alloc(0), metadata, {
        deadline,
      });
      stream.on("data", () => {
        resolve({ code: status.OK, details: "" });
        stream.cancel();
      });
      stream.on("error", () => {});
      stream.on("status", ({ code, details }) => resolve({ code, details }));
    });
  return { call, close: () => client.close() };
}
