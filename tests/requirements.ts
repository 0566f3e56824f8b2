/** Every promise that a scenario under tests/ holds. A scenario cites its id; a test fails for a promise that none cites. */
export const REQUIREMENTS = {
  "start.two-commands": "After npm ci, npm start runs the whole chat with no key, server or download.",
  "start.ready-line": "The first line on stdout is the ready line, and every address in it answers.",
  "turn.main-job":
    '"17% of 2400, and what time is it in Oslo?" is answered with 408 and the time after two tool calls.',
  "front.grpc": "A plain gRPC client with loaded protos asks a question.",
  "front.reflection": "grpcurl lists and calls the services by reflection alone.",
  "front.connect": "curl asks over Connect's JSON.",
  "front.chat-json": "POST /chat answers with a Turn.",
  "front.chat-sse": "POST /chat streams the turn's events as SSE and resumes by Last-Event-ID.",
  "front.openai": "The openai client chats, streamed and not.",
  "front.openai-tools":
    "The openai client's own tools come back as tool_calls, streamed and not, and are answered after their results; a conversation that does not hold together is refused.",
  "front.openai-schema":
    "An answer by a schema streams, fits the schema or is an error, and a schema that is none is refused.",
  "front.openai-embeddings":
    "The openai client gets vectors of the local sentence model, as base64 and as numbers, and texts that mean alike are near.",
  "front.openai-needs": "What takes a model is refused without one, and the refusal says how to connect it.",
  "front.cli": "forerun chat prints the answer and forerun turn show last draws its waterfall.",
  "load.measures": "forerun load asks in a closed and an open loop and reports counts and percentiles.",
  "front.no-content-in-logs": "No text of a user, argument or answer stands in the logs.",
  "api.unimplemented":
    "What is declared and not built answers UNIMPLEMENTED with FR-E1303 and is listed in docs/api.md.",
  "input.strings":
    "Naughty strings are stored and returned byte-equal or refused with a code, over /chat, Connect and gRPC, and never break a log line.",
  "input.json":
    "Malformed JSON is refused with a code and never a 5xx, and valid JSON is taken as it was sent, over /chat, Connect and gRPC.",
  "input.refused":
    "A bad request is refused with a code, its cause and a fix, the same at every door, and leaves nothing behind.",
  "input.tools":
    "An unknown tool and arguments off the schema are failures in words that a model can act on, and nothing runs.",
  "input.starts":
    "A taken port that was chosen and a data folder that cannot be written end the start with code, cause and fix.",
  "input.broken-tool":
    "A broken tool file leaves the version before in use and is listed with a code and what mends it.",
  "input.broken-document": "A document that cannot be read is listed with a code, and the others are stored.",
  "embeddings.rank":
    "With EMBEDDINGS=local a question that has no word of a tool's is routed by what it means, without a network.",
  "embeddings.serve":
    "With EMBEDDINGS=local the openai client gets vectors whose cosines tell what texts mean.",
  "model.two-calls": "With a model a tool turn makes two model calls and a direct answer at most two.",
  "early.hit":
    "A likely harmless tool runs while the model decides; its result is used when the decision asks for it.",
  "early.wrong":
    "An early call that the decision does not ask for is stopped, and its result is seen nowhere.",
  "early.written": "A call that the model has written starts before the rest of its decision is there.",
  "early.answer":
    "With WITH_ANSWER the answer begins on early results; a wrong one is never seen and counts as a discarded model call.",
  "plan.references":
    "A call that uses another's result starts once that is in the log, with the result bound into its arguments.",
  "plan.refused":
    "Calls of unknown tools, off the schema, beyond the limit, in a cycle or after nothing are refused with reasons, and never run.",
  "plan.failed-step":
    "A step that fails takes the steps that need it with it; the others run, and the answer is told why.",
  "plan.rounds": "Where max_model_calls allows, a turn decides again over its results, and may use them.",
  "model.escalate":
    "A small model may hand a question over to a larger one, which decides and answers in one call: two model calls in all.",
  "model.bytes":
    "The openai client, streaming through /v1, reads every byte of the model's text, wherever the model's bytes are cut.",
  "model.half":
    "An answer that breaks off, anywhere and in any way, is told as failed and never as a whole one.",
  "model.fallback":
    "Where a tier's first model fails before its first token, the next one answers, and the metrics name both.",
  "reuse.same-question":
    "The same question twice: the second time no tool runs and no model is asked, and the turn's events say so.",
  "reuse.tenants": "Another tenant's identical question finds nothing that was kept for the first.",
  "model.rendered":
    "Where a tool may answer alone, a turn with its one call makes one model call and says what the tool says.",
  "model.cancel": "Cancelling a turn closes the model's socket within a second.",
  "cancel.tool": "CancelTurn reaches a running tool within a second and says what it stopped.",
  "stream.resume":
    "A turn's stream that is cut after any event and resumed, over StreamTurn and SSE, tells what an uncut one tells.",
  "stream.first-word":
    "The first word of an answer is with the client while the model is silent about the next, over /chat, /v1 and Connect.",
  "stream.disconnect":
    "A client that goes away does not cancel its turn, unless its disconnect policy says so.",
  "turn.busy":
    "A message to a busy conversation is refused, waits, interrupts or rolls back as its policy says, the same at every door.",
  "turn.idempotent": "The same request sent ten times at once with one key, at any door, is one turn.",
  "docs.cited":
    "A question about ingested documents is answered with a citation whose offsets hold the quoted text.",
  "fault.mesh-owner":
    "A chat that is killed at any of five points of its turns leaves none of them: another replica ends each, once and whole.",
  "fault.mesh-effects":
    "An executor that is killed at any of five points doubles no effect, and every turn still ends.",
  "fault.mesh-streams":
    "Streams that break at random and go on at any chat give the very events of the log, each once.",
  "mesh.gateway":
    "npm run mesh -- --gateway takes tokens of forerun token mint at Envoy and at chat, and one Ctrl+C ends it all.",
  "gateway.doors":
    "Through the gateway every door serves whoever has a token: gRPC, gRPC-Web, Connect, /chat with resume, the openai client; and the page without one.",
  "gateway.refuses": "Without a good token every door of the gateway gives one and the same refusal.",
  "gateway.tokens":
    "Of the tokens that attack, the gateway lets none through and fails at none, takes every good one, and asks nobody because of one.",
  "gateway.wycheproof":
    "Through the gateway no vector of Wycheproof is a token and none fails anything, and its keys in the issuer's set cost no good token its way in.",
  "gateway.headers":
    "What a client says of itself in headers does not come through the gateway, paths in two readings neither, and its keys change while it runs.",
  "gateway.keys": "The gateway follows the keys at an issuer's address as they change.",
  "gateway.origins":
    "Pages of the sites that are listed may call through the gateway and read its answers; no other ones may.",
  "gateway.tls":
    "Over TLS the gateway speaks HTTP/1.1 and HTTP/2, and lets nobody in without a certificate where one is asked for.",
  "gateway.resume":
    "When the gateway dies in the middle of a stream, the client goes on through another one with the very same events.",
  "gateway.trace": "A turn that came through the gateway is one trace, which begins there.",
  "gateway.limit":
    "However many gateways a crowd comes to at once, its tenant gets its limit in a window and no more, is told when the window ends, and no other tenant is refused.",
  "gateway.limit-alone":
    "While the shared count is away, the gateways together admit at least a tenant's limit and at most twice as much.",
  "gateway.sizes":
    "At the gateway's doors a message of 4 MiB passes and one of a byte more is refused, in the door's own way.",
  "gateway.refusals":
    "What the gateway refuses has the services' own code, as JSON, in a stream's envelope or in gRPC's status.",
  "gateway.floods":
    "Floods of frames, header bombs and clients that are slow in every way are closed within 30 s.",
  "gateway.killed":
    "When one of two gateways dies, every turn that was followed through it is followed to its end through the other, no event lost or doubled.",
  "gateway.silence": "A stream that has nothing to tell is kept through the gateway by its heartbeats.",
  "gateway.smuggling": "Of a request that can be read in two ways, nothing comes through as a second one.",
  "fault.kill":
    "After kill -9 in mid-turn every accepted turn has one terminal state, and conversations are whole.",
  "fault.second-process": "A second process on the same data folder is refused and the first is unharmed.",
  "stop.drain": "SIGTERM lets a running turn finish and exits 0.",
  "mesh.turn": "npm run mesh answers the same question through five processes on a real Postgres.",
  "mesh.trace":
    "A turn through npm run mesh is one trace of all five services and the NATS hop, with one root and no orphan.",
  "mesh.stop": "One Ctrl+C ends all processes of the mesh.",
  "bus.broker":
    "While NATS is away calls go over gRPC, none is lost or done twice, and it is found again within 2 s.",
  "bus.cut":
    "An executor that is cut off from NATS costs its calls seconds: reads run again, late results are seen nowhere, writes run once.",
  "bus.full": "Calls beyond an executor's places are refused at once with a reason, and other tools run on.",
  "bus.garbage":
    "Ten thousand messages that cannot be read, on each of a service's subjects, are counted and left; calls flow on.",
  "tools.off": "FORERUN_TOOLS=off runs without any tool.",
  "tools.hot": "A tool file that is added is in use within a second, without a restart.",
  "writes.once":
    "A call that changes something happens once however often it is made; after kill -9 its repeat hears how it ended, or that nobody knows.",
  "store.away":
    "While Postgres is away, locked or out of connections turns are refused as unavailable before they are accepted; within 5 s of its return all is well.",
  "quota.never-passed":
    "A hundred turns at once against 1,000 tokens never use more than 1,000 and one chunk, and nothing stays set aside.",
  "quota.stream":
    "A stream that reaches its quota keeps its text and ends incomplete(quota), at /v1 with the reason length.",
  "quota.refused":
    "With nothing left a new turn is refused with when to try again; another tenant's is not, and a repeat of an old one is not.",
  "quota.shared":
    "A hundred turns at once over two chats never use more than the quota and one chunk; another tenant's turns are not refused.",
  "quota.flushed":
    "What is used and set aside comes back when Redis has lost it: turns before and after stay within the quota.",
  "quota.adopted":
    "kill -9 of one chat of two: the turn it held is counted as the other's, and what the dead one held comes back.",
  "quota.killed": "kill -9 in mid-turn gives back what the turn had set aside, and its usage is on record.",
  "quota.usage": "What was used is told by model, tool, user and day, and is there after a restart.",
  "signals.metrics":
    "Prometheus reads turns, tools and RPCs from a port of their own, without tenant, user or content.",
  "signals.trace":
    "With an OTLP endpoint a turn is one trace: one root, no orphan, spans of all services and of the bus, no content.",
  "signals.parent": "A turn joins its client's trace, and is sampled where that is.",
  "observability.prometheus":
    "A real Prometheus with the deployed configuration scrapes a process and loads every rule.",
  "observability.names":
    "Rules and dashboards ask for metrics that are emitted, and every metric stands in a dashboard.",
  "observability.rules": "promtool accepts every rule, and each fires in a bad hour and in no good one.",
  "observability.scrape": "promtool finds nothing to say about what a process with a turn behind it exposes.",
  "observability.runbooks":
    "Every alert has a runbook that says what it means, where to look and what to do.",
  "signals.log": "A turn leaves one line in the log, with pseudonyms and timings and no content.",
  "cluster.combinations":
    "Every combination of deploy/k8s builds, is valid by strict schemas of Kubernetes and KEDA, and keeps the rules.",
  "cluster.rules": "Each rule for manifests notices a breach that is planted.",
  "auth.tokens":
    "With AUTH=jwt every door takes the good tokens and refuses every other in one way, and no token makes anybody ask its address.",
  "auth.wycheproof": "No door takes a vector of Wycheproof for a token, and none fails over one.",
  "auth.headers":
    "At doors for people no header but Authorization says who calls: neither a claim of services nor a tenant's name.",
  "auth.start":
    "A start whose tokens nobody could verify, or whose issuer anybody could be, is refused by code, cause and fix.",
  "auth.mint":
    "forerun token mint prints a token and nothing else, and none for a tenant, role or time that no token can have.",
  "auth.open": "Probes and the page need no token.",
  "auth.roles":
    "A token without the role is refused with PERMISSION_DENIED, and the refusal names the roles.",
  "auth.access": "Every rpc has a line in the table of access, and every line an rpc.",
  "auth.services":
    "A service behind chat takes claims of those services that may call it, and no token, vector or claim by another key.",
  "isolation.methods":
    "No method of any service tells a tenant of another's things or changes them; an id of another tenant is answered as one that is not there, byte for byte.",
  "isolation.gateway":
    "The same attacks come to nothing through the gateway, over gRPC and Connect, whatever headers name another tenant.",
  "isolation.guards":
    "Each check that keeps tenants or roles apart has a name of its own, and tests that are to notice its absence.",
} as const satisfies Record<string, string>;

export type RequirementId = keyof typeof REQUIREMENTS;
