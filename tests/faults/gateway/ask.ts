import { Agent, request } from "node:http";

export type Answer = { status: number; headers: NodeJS.Dict<string | string[]>; body: string; ms: number };

/** Keeps connections, as clients do; a crowd of its own has its own. */
export function openClient(): Agent {
  return new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
}

export type Asked = {
  url: string;
  token: string;
  agent?: Agent;
  path?: string;
  type?: string;
  body?: Buffer | string;
};

/** One POST to the end of its answer; a connection that breaks has status 0. */
export function ask({
  url,
  token,
  agent,
  path = "/chat",
  type = "application/json",
  body = "{}",
}: Asked): Promise<Answer> {
  const began = performance.now();
  return new Promise((resolve) => {
    const gone = (fault: Error) =>
      resolve({ status: 0, headers: {}, body: fault.message, ms: performance.now() - began });
    const headers = {
      authorization: `Bearer ${token}`,
      "content-type": type,
      "content-length": Buffer.byteLength(body),
    };
    const sent = request(
      `${url}${path}`,
      { method: "POST", headers, ...(agent && { agent }) },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("error", gone);
        response.on("end", () => {
          const { statusCode = 0, headers: told } = response;
          resolve({ status: statusCode, headers: told, body: text, ms: performance.now() - began });
        });
      },
    );
    sent.on("error", gone).end(body);
  });
}
