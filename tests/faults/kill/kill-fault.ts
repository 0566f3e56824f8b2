import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { type ScriptedModel, startScriptedModel } from "@forerun/testing/scripted-model/server";
import { type ChatClient, chatClient } from "../../support/chat-client.ts";
import { ROOT, type RunningForerun, startForerun } from "../../support/forerun-process.ts";
import { auditChatStore } from "../audit-store.ts";
import type { Fault, FaultReport } from "../fault.ts";
import { checkKilledTurn } from "./check-killed-turn.ts";
import { type KilledTurn, killAt } from "./killed-turn.ts";
import { KILL_POINTS, type KillPoint } from "./points.ts";

const AGAIN = "Are you back?";
const BACK = "Back again.";
const AGAIN_STEPS = [
  { match: { kind: "route" as const }, reply: { json: { thought: "small talk", action: "answer" } } },
  { match: { kind: "answer" as const }, reply: { text: BACK } },
];

/** SIGKILL in mid-turn, and another start on the same data folder. */
export const killFault: Fault = {
  title: "kill -9 the one process at six points of a turn, start it again and look at everything it left",
  async run(times, say) {
    const dataDir = await mkdtemp(join(tmpdir(), "forerun-kill-"));
    try {
      return await new KillRun(dataDir, say).run(times);
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  },
};

type Message = { role: string; text: string };
type Tally = { runs: number; failed: number; completed: number; restartMs: number[] };

class KillRun {
  readonly #dataDir: string;
  readonly #say: (line: string) => void;
  readonly #violations: string[] = [];
  readonly #tallies = new Map<KillPoint, Tally>();
  /** What each conversation must hold, by the name of its point. */
  readonly #said = new Map<KillPoint, { conversationId: string; messages: Message[] }>();
  #killed: KilledTurn | undefined;
  /** A conversation takes no message any more: what would follow is not worth a look. */
  #stuck = false;

  constructor(dataDir: string, say: (line: string) => void) {
    this.#dataDir = dataDir;
    this.#say = say;
  }

  async run(times: number): Promise<FaultReport> {
    for (let round = 1; round <= times && !this.#stuck; round++) {
      for (const point of KILL_POINTS) await this.#killOnce(point, round);
      this.#say(`round ${round} of ${times}: ${this.#violations.length} violations`);
    }
    await this.#serve([], async ({ ready }) => this.#checkConversations(chatClient(ready.http)));
    const audit = await auditChatStore(this.#dataDir);
    this.#say(`store: ${audit.turns} turns, ${audit.events} events, ${audit.violations.length} violations`);
    const rows = [...this.#tallies].map(([{ name }, tally]) => rowOf(name, tally));
    return { rows, violations: [...this.#violations, ...audit.violations] };
  }

  #killOnce(point: KillPoint, round: number): Promise<void> {
    return this.#serve(point.steps, async (forerun, model) => {
      const question = await this.#questionFor(point, round, chatClient(forerun.ready.http));
      this.#killed = await killAt(point, question, forerun, model);
    });
  }

  /** Starts the server, sees after the turn that was killed before, and does `work`. */
  async #serve(
    steps: KillPoint["steps"],
    work: (forerun: RunningForerun, model: ScriptedModel) => Promise<void>,
  ): Promise<void> {
    if (this.#stuck) return;
    await using model = await startScriptedModel([...(this.#killed ? AGAIN_STEPS : []), ...steps]);
    await using forerun = await startForerun({
      DATA_DIR: this.#dataDir,
      TOOLS_DIR: join(ROOT, "tests/fixtures/hold/tools"),
      MODEL_URL: model.url,
      MODEL: "large",
      ROUTE_MODEL: "small",
    });
    if (this.#killed) await this.#checkKilled(this.#killed, forerun);
    if (!this.#stuck) await work(forerun, model);
  }

  async #checkKilled(killed: KilledTurn, { ready }: RunningForerun): Promise<void> {
    const client = chatClient(ready.http);
    const { point, question } = killed;
    const { turn, violations } = await checkKilledTurn(client, killed);
    this.#violations.push(...violations);
    const tally = this.#tallies.get(point) ?? { runs: 0, failed: 0, completed: 0, restartMs: [] };
    this.#tallies.set(point, tally);
    tally.runs += 1;
    tally.restartMs.push(ready.ms);
    if (turn.state === TurnState.FAILED) tally.failed += 1;
    if (turn.state === TurnState.COMPLETED) tally.completed += 1;
    const messages = this.#said.get(point)?.messages ?? [];
    messages.push({ role: "user", text: question.text });
    if (turn.state === TurnState.COMPLETED) messages.push({ role: "assistant", text: turn.text });
    const back = await this.#askAgain(client, question.conversationId);
    messages.push({ role: "user", text: AGAIN }, { role: "assistant", text: BACK });
    if (back === BACK) return;
    this.#violations.push(`${point.name}: the conversation takes no new message (${back})`);
    this.#stuck = true;
  }

  async #askAgain(client: ChatClient, conversationId: string): Promise<string> {
    const input = { conversationId, text: AGAIN };
    return client.ask({ input }).then(({ turn }) => turn?.text ?? "", String);
  }

  async #questionFor(point: KillPoint, round: number, client: ChatClient) {
    let said = this.#said.get(point);
    if (!said) {
      const { conversation } = await client.createConversation({ title: point.name });
      said = { conversationId: conversation?.conversationId ?? "", messages: [] };
      this.#said.set(point, said);
    }
    const { conversationId } = said;
    return { conversationId, text: `Question ${round}`, idempotencyKey: `${conversationId}-${round}` };
  }

  async #checkConversations(client: ChatClient): Promise<void> {
    for (const [{ name }, { conversationId, messages }] of this.#said) {
      const stored = await client.listMessages({ conversationId, pageSize: 500 });
      const held = stored.messages.map(({ role, text }) => ({ role, text }));
      if (JSON.stringify(held) === JSON.stringify(messages)) continue;
      this.#violations.push(`${name}: conversation ${conversationId} is not what was said in it`);
    }
  }
}

function rowOf(
  point: string,
  { runs, failed, completed, restartMs }: Tally,
): Record<string, string | number> {
  const sorted = restartMs.toSorted((left, right) => left - right);
  const median = Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
  return { point, runs, "failed(unavailable)": failed, completed, "restart ms p50": median };
}
