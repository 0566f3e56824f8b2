/** How each method is attacked with the names of another tenant's things. A method without an attack fails the suite. */
import { type Loot, SEARCH } from "./loot.ts";

/**
 * `refused`, `nothing`: a refusal, or an answer that nothing was done; the one for things that were never there, byte for byte but
 * for their names. `own`: an answer of what the asker has itself; it is only read for what it must not hold.
 */
type Attack = Readonly<{
  expects: "refused" | "nothing" | "own";
  requests(of: Loot): readonly object[];
}>;

const attack =
  (expects: Attack["expects"]) =>
  (...requests: readonly ((of: Loot) => object)[]): Attack => ({
    expects,
    requests: (of) => requests.map((request) => request(of)),
  });
const byId = attack("refused");
const without = attack("nothing");
const own = attack("own");

const conversation = ({ conversationId }: Loot) => ({ conversationId });
const turn = ({ turnId }: Loot) => ({ turnId });
const document = ({ documentId }: Loot) => ({ documentId });
const question = ({ conversationId }: Loot) => ({
  input: { conversationId, text: "And what else is there?" },
});
/** As its owner would ask again for a turn that was begun. */
const resumed = ({ idempotencyKey, conversationId }: Loot) => ({
  input: { conversationId, idempotencyKey, text: "What is 17% of 2400?" },
});
const call = ({ turnId, callId }: Loot) => ({ turnId, callId });

const CHAT = "forerun.chat.v1.ChatService";
const MEMORY = "forerun.memory.v1.MemoryService";
const TOOLS = "forerun.tool.v1.ToolService";

export const ATTACKS: Readonly<Record<string, Attack>> = {
  [`${CHAT}/Ask`]: byId(question, resumed),
  [`${CHAT}/Chat`]: byId(question, resumed),
  [`${CHAT}/CreateTurn`]: byId(question, resumed),
  [`${CHAT}/StreamTurn`]: byId(
    turn,
    (of) => ({ ...turn(of), epoch: 1 }),
    (of) => ({ ...turn(of), epoch: 1, afterSequence: 2 }),
    (of) => ({ ...turn(of), afterSequence: 100_000 }),
  ),
  [`${CHAT}/GetTurn`]: byId(turn),
  [`${CHAT}/ListTurns`]: byId(conversation, (of) => ({
    ...conversation(of),
    pageToken: of.pageTokens.turns,
  })),
  [`${CHAT}/CancelTurn`]: byId(turn),
  [`${CHAT}/ResolveInterrupts`]: byId(turn),
  [`${CHAT}/SubmitToolOutputs`]: byId(turn),
  [`${CHAT}/CreateConversation`]: own(({ tenant }) => ({ title: tenant })),
  [`${CHAT}/GetConversation`]: byId(conversation),
  [`${CHAT}/ListConversations`]: own(
    () => ({}),
    ({ pageTokens }) => ({ pageToken: pageTokens.conversations }),
  ),
  [`${CHAT}/UpdateConversation`]: byId((of) => ({ ...conversation(of), title: "taken over" })),
  [`${CHAT}/DeleteConversation`]: byId(conversation),
  [`${CHAT}/ForkConversation`]: byId(conversation),
  [`${CHAT}/ListMessages`]: byId(conversation, (of) => ({
    ...conversation(of),
    pageToken: of.pageTokens.messages,
  })),
  [`${CHAT}/CreateFeedback`]: byId(turn),
  [`${CHAT}/GetQuota`]: byId(({ tenant }) => ({ tenant })),
  [`${CHAT}/GetUsage`]: byId(
    ({ tenant }) => ({ tenant }),
    ({ tenant }) => ({ tenant, by: "tool" }),
    ({ tenant }) => ({ tenant, by: "user" }),
  ),
  [`${MEMORY}/Search`]: own(
    () => ({ text: SEARCH, k: 50 }),
    ({ canary }) => ({ text: canary || "nothing", k: 50 }),
  ),
  [`${MEMORY}/Ingest`]: own(({ tenant }) => ({
    uri: `birds/of-${tenant}.md`,
    mediaType: "text/markdown",
    text: "A note of the asker's own.",
    title: "",
  })),
  [`${MEMORY}/ListDocuments`]: own(
    () => ({}),
    ({ pageTokens }) => ({ pageToken: pageTokens.documents }),
  ),
  [`${MEMORY}/GetDocument`]: byId(document),
  [`${MEMORY}/DeleteDocument`]: byId(document),
  [`${TOOLS}/ListTools`]: own(() => ({})),
  [`${TOOLS}/WatchTools`]: own(() => ({})),
  [`${TOOLS}/GetTool`]: own(() => ({ name: "calculator" })),
  [`${TOOLS}/Execute`]: own((of) => ({
    turnId: of.turnId,
    call: { callId: of.callId, name: "search_knowledge", arguments: { query: SEARCH, k: 10 } },
  })),
  [`${TOOLS}/Cancel`]: without(call),
  [`${TOOLS}/Commit`]: without(({ turnId, callId }) => ({ turnId, callIds: [callId] })),
  "forerun.router.v1.RouterService/Route": own(() => ({ text: SEARCH })),
  "forerun.answer.v1.AnswerService/Generate": own(() => ({ text: SEARCH })),
};
