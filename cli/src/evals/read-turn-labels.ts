import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { Message } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import type { Turn } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { type LabelledTurn, labelTurn } from "@forerun/router/calibration/labelled-turn";
import type { ExpectedCall } from "@forerun/router/calibration/same-calls";
import type { ToolDefinition } from "@forerun/router/tier0/tool-definition";
import { counted } from "../counted.ts";
import { progressLine } from "../progress-line.ts";
import type { TurnSource } from "../read-turn.ts";
import type { Terminal } from "../terminal.ts";
import { labelOfTurn, type NoLabel } from "./label-of-turn.ts";

const CALL_MS = 10_000;
/** Turns carry the results of their tools: a page of many would be a large message. */
const TURNS_A_PAGE = 100;
const MESSAGES_A_PAGE = 500;
/** Earlier messages that a label keeps; tier 0 reads the last two. */
const HISTORY = 10;

export type TurnLabels = Readonly<{
  turns: readonly LabelledTurn[];
  /** How many turns were read. */
  read: number;
  /** How many gave no label, by the reason. */
  left: ReadonlyMap<NoLabel, number>;
}>;

/** What a model decided in a turn, without the message it was asked. */
type DecidedTurn = Readonly<{
  turnId: string;
  askedAt: Date | undefined;
  expected: readonly ExpectedCall[];
}>;

type Options = Readonly<{ most: number; tools: readonly ToolDefinition[]; terminal: Terminal }>;

/**
 * The caller's newest turns, `most` of them, as far as a model decided in them, with its decisions as labels. `tools` are those that
 * the router has. What the messages say is told to nobody.
 */
export async function readTurnLabels(source: TurnSource, options: Options): Promise<TurnLabels> {
  const { tools, terminal } = options;
  const { decided, read, left } = await readDecisions(source, options);
  const turns: LabelledTurn[] = [];
  const progress = { of: decided.size, begun: performance.now(), unit: "conversations" };
  let done = 0;
  for (const [conversationId, ofConversation] of decided) {
    const messages = await messagesOf(source, conversationId);
    for (const turn of ofConversation) {
      const labelled = withMessage(turn, messages, tools);
      if (labelled) turns.push(labelled);
      else count(left, "without its message");
    }
    done += 1;
    terminal.progress(progressLine({ ...progress, done }));
  }
  terminal.progress("");
  return { turns, read, left };
}

/** What models decided, by conversation: whose messages are then read once. */
async function readDecisions(source: TurnSource, { most, terminal }: Options) {
  const left = new Map<NoLabel, number>();
  const decided = new Map<string, DecidedTurn[]>();
  let read = 0;
  for await (const turn of newestTurns(source, most)) {
    read += 1;
    terminal.progress(`${counted(read, "turn")} read`);
    const label = labelOfTurn(turn);
    if (label.kind === "none") {
      count(left, label.why);
      continue;
    }
    const { turnId, conversationId, createTime } = turn;
    const ofConversation = decided.get(conversationId) ?? [];
    decided.set(conversationId, ofConversation);
    const askedAt = createTime && timestampDate(createTime);
    ofConversation.push({ turnId, askedAt, expected: label.expected });
  }
  return { decided, read, left };
}

function count(left: Map<NoLabel, number>, why: NoLabel): void {
  left.set(why, (left.get(why) ?? 0) + 1);
}

async function* newestTurns({ chat, callerOptions }: TurnSource, most: number): AsyncGenerator<Turn> {
  let pageToken = "";
  for (let left = most; left > 0; ) {
    const pageSize = Math.min(left, TURNS_A_PAGE);
    const page = await chat.listTurns({ pageSize, pageToken }, { ...callerOptions(), timeoutMs: CALL_MS });
    yield* page.turns;
    if (page.nextPageToken === "") return;
    pageToken = page.nextPageToken;
    left -= page.turns.length;
  }
}

/** All messages of a conversation, oldest first. */
async function messagesOf(
  { chat, callerOptions }: TurnSource,
  conversationId: string,
): Promise<readonly Message[]> {
  const found: Message[] = [];
  let pageToken = "";
  do {
    const page = await chat.listMessages(
      { conversationId, pageSize: MESSAGES_A_PAGE, pageToken },
      { ...callerOptions(), timeoutMs: CALL_MS },
    );
    found.push(...page.messages);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return found;
}

/** Undefined when the user's message is gone. */
function withMessage(
  { turnId, askedAt, expected }: DecidedTurn,
  messages: readonly Message[],
  tools: readonly ToolDefinition[],
): LabelledTurn | undefined {
  const at = messages.findIndex((message) => message.turnId === turnId && message.role === "user");
  const message = messages[at];
  if (message === undefined) return undefined;
  const history = messages
    .slice(Math.max(0, at - HISTORY), at)
    .map(({ role, text }) => ({ role, content: text }));
  return labelTurn({ text: message.text, history, askedAt, tools: undefined }, expected, tools);
}
