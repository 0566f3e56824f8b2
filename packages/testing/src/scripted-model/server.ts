import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text as readText } from "node:stream/consumers";
import { CallLog, type LogEntry } from "./call-log.ts";
import { chatRequest, kindOf, spokenText } from "./chat-request.ts";
import { parseScript, type Script, type Step } from "./script.ts";
import { errorBody, sendReply } from "./send-reply.ts";

export type ScriptedModel = AsyncDisposable &
  Readonly<{
    /** Base URL for `MODEL_URL`, ending in /v1. */
    url: string;
    /** Every request so far, oldest first. */
    log(): readonly LogEntry[];
    /** Steps that are still owed a call; a test ends with none, and with no unexpected call in the log. */
    unused(): ReturnType<CallLog["unused"]>;
    /** Resolves when no request is open. */
    settled(): Promise<void>;
  }>;

/** An OpenAI-compatible server that plays a script over a real socket, on 127.0.0.1. */
export async function startScriptedModel(script: Script | Script["steps"]): Promise<ScriptedModel> {
  return serveSteps(parseScript(Array.isArray(script) ? { steps: script } : script), 0);
}

export async function serveSteps(steps: readonly Step[], port: number): Promise<ScriptedModel> {
  const calls = new CallLog(steps);
  const startedAt = performance.now();
  const server = createServer((request, response) => {
    handle(request, response, calls, startedAt).catch(() => response.destroy());
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}/v1`,
    log: () => calls.entries,
    unused: () => calls.unused(),
    settled: () => calls.settled(),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, "close");
    },
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  calls: CallLog,
  startedAt: number,
): Promise<void> {
  const path = (request.url ?? "/").replace(/\?.*$/, "");
  const route = `${request.method} ${path}`;
  if (route === "GET /_log") return sendJson(response, 200, calls.entries);
  if (route === "GET /_unused") return sendJson(response, 200, calls.unused());
  if (route === "GET /v1/models") {
    const data = [{ id: "scripted", object: "model", created: 0, owned_by: "forerun" }];
    return sendJson(response, 200, { object: "list", data });
  }
  if (route === "POST /v1/chat/completions") return complete(request, response, calls, startedAt);
  request.resume();
  return send(response, 404, errorBody(`no such path: ${path}`, "invalid_request_error"));
}

async function complete(
  incoming: IncomingMessage,
  response: ServerResponse,
  calls: CallLog,
  startedAt: number,
): Promise<void> {
  const start = performance.now() - startedAt;
  const parsed = chatRequest.safeParse(asJson(await readText(incoming)));
  if (!parsed.success) {
    return send(response, 400, errorBody("not a chat completion request", "invalid_request_error"));
  }
  const request = parsed.data;
  const kind = kindOf(request);
  const taken = calls.take(kind, spokenText(request));
  const entry = calls.add({
    path: "/v1/chat/completions",
    kind,
    stream: request.stream === true,
    model: request.model,
    client_port: incoming.socket.remotePort,
    step: taken?.index ?? null,
    unexpected: taken === undefined,
    request,
    start_ms: Math.round(start),
    close_ms: null,
    closed_by: null,
  });
  const { signal, end } = watchSocket(response, entry, calls, startedAt);
  if (taken === undefined) {
    return send(
      response,
      500,
      errorBody(`unexpected call: no step is left for kind "${kind}"`, "unexpected_call"),
    );
  }
  const head = { id: `chatcmpl-${calls.entries.length}`, created: 1_700_000_000, model: request.model };
  await sendReply(taken.step.reply, { request, response, head, pace: taken.step, signal }).finally(end);
}

/** Notes when and by whom an exchange was closed. `end`: from now on, a close is ours. */
function watchSocket(response: ServerResponse, entry: LogEntry, calls: CallLog, startedAt: number) {
  const gone = new AbortController();
  let ended = false;
  response.once("close", () => {
    const byServer = ended || response.writableEnded;
    gone.abort();
    calls.close(entry, Math.round(performance.now() - startedAt), byServer ? "server" : "client");
  });
  const end = () => {
    ended = !gone.signal.aborted;
  };
  return { signal: gone.signal, end };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, JSON.stringify(value));
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body);
}
