/** One caller of the services, with whatever headers it likes, and what it hears as one text. */

import type { Message } from "@bufbuild/protobuf";
import { type DescMethod, toJsonString } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, createContextValues, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { callerKey } from "@forerun/rpc/call-context";
import { createGrpcTransport } from "@forerun/rpc/grpc-transport";
import type { Caller } from "@forerun/runtime/caller";
import { type Entrance, type FiveServices, KEY } from "./five-services.ts";

/** A message or an error that came back, as text; `code` is undefined for an answer. */
export type Heard = Readonly<{ code: Code | undefined; text: string }>;

export type Asker = Readonly<{
  /** Whom a token, or a claim of chat, names; undefined for somebody whom nothing proves. */
  caller?: Caller;
  headers?: Readonly<Record<string, string>>;
}>;

/** The doors of all services. */
export type Doors = Readonly<{
  /** Every method, at each door that it has. */
  ways: readonly Way[];
  call(way: Way, request: object, asker: Asker): Promise<Heard>;
}> &
  Disposable;

export type Way = Entrance & Readonly<{ method: DescMethod; name: string; send: Send }>;

type Send = (request: object, options: object) => unknown;

/** No stream of these tests is read for longer, in milliseconds. */
const PATIENCE_MS = 10_000;
/** Streams without an end, of which the first message says all. */
const ENDLESS = new Set(["WatchTools"]);

type AnyClient = Record<string, Send>;

export function openDoors({ entrances, tokenOf }: FiveServices): Doors {
  const opened = entrances.map((entrance) => ({ entrance, ...openTransport(entrance) }));
  const ways = opened.flatMap(({ entrance, transport }) => {
    const client = createClient(entrance.service, transport) as unknown as AnyClient;
    return entrance.service.methods.map((method) => wayOf(entrance, method, client));
  });
  return {
    ways,
    async call(way, request, { caller, headers = {} }) {
      const contextValues = createContextValues();
      const proof: Record<string, string> = {};
      if (caller && way.door === "people") proof.authorization = `Bearer ${await tokenOf(caller)}`;
      if (caller && way.door === "services") contextValues.set(callerKey, caller);
      const options = { contextValues, headers: { ...headers, ...proof }, timeoutMs: PATIENCE_MS };
      try {
        return { code: undefined, text: await textOf(way.method, way.send(request, options)) };
      } catch (fault) {
        const error = ConnectError.from(fault);
        return { code: error.code, text: `${Code[error.code]} ${error.rawMessage} ${detailsOf(error)}` };
      }
    },
    [Symbol.dispose]() {
      for (const { close } of opened) close();
    },
  };
}

function openTransport({ address, protocol }: Entrance): { transport: Transport; close(): void } {
  if (protocol === "Connect") {
    const transport = createConnectTransport({ baseUrl: `http://${address}`, httpVersion: "1.1" });
    return { transport, close() {} };
  }
  const transport = createGrpcTransport({ address: `dns:///${address}`, key: KEY, service: "chat" });
  return { transport, close: () => transport[Symbol.dispose]() };
}

function wayOf(entrance: Entrance, method: DescMethod, client: AnyClient): Way {
  const name = `${entrance.service.typeName}/${method.name}`;
  const send = client[method.localName];
  if (!send) throw new Error(`nobody serves ${name}`);
  return { ...entrance, method, name, send };
}

/** The way to a method at the first door that it has, which is the one for people where there is one. */
export function wayTo(doors: Doors, method: DescMethod): Way {
  const way = doors.ways.find((one) => one.method === method);
  if (!way) throw new Error(`nobody serves ${method.name}`);
  return way;
}

async function textOf({ output, name }: DescMethod, answer: unknown): Promise<string> {
  const said = (message: Message) => toJsonString(output, message);
  if (!isStream(answer)) return said((await answer) as Message);
  const texts: string[] = [];
  for await (const message of answer) {
    texts.push(said(message));
    if (ENDLESS.has(name)) break;
  }
  return texts.join("\n");
}

function isStream(answer: unknown): answer is AsyncIterable<Message> {
  return typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer;
}

/** All bytes of them: two refusals are alike only if these are. */
function detailsOf({ details }: ConnectError): string {
  return details
    .map((one) =>
      "value" in one && one.value instanceof Uint8Array ? Buffer.from(one.value).toString("latin1") : "",
    )
    .join(" ");
}
