import { type Turn, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { Outcome } from "@forerun/contracts/forerun/common/v1/common_pb";
import { SERVICES, type ServiceName } from "../../../scripts/mesh/replicas.ts";
import { until } from "../../support/until.ts";
import type { Fault } from "../fault.ts";
import { checkTurn } from "./check-turn.ts";
import { type FollowedTurn, followTurn } from "./followed-turn.ts";
import { MESH_POINTS, type MeshPoint, WHOLE_TEXT } from "./points.ts";
import { openStage, type Stage, type StageOptions } from "./stage.ts";

/** A turn's own deadline is 60 s, and 5 s after it there must be an end. */
const WITHIN_MS = 65_000;
const REACHED_WITHIN_MS = 30_000;

/** Something that happens to a mesh while many turns stand at a point. */
export type Blow = {
  title: string;
  /** Resolves when it is over: what was taken away is replaced or comes back. */
  strike(stage: Stage): Promise<void>;
  /** What every turn needs was gone for longer than turns wait: an end that says so is then as good as an answer. */
  mayFail: boolean;
};

type Cell = { turns: FollowedTurn[]; lastEndMs: number };

/** Strikes once at each of five points, with two replicas of every service. `open` sets another stage than the mesh alone. */
export function meshFault(blow: Blow, open: (options: StageOptions) => Promise<Stage> = openStage): Fault {
  return {
    title: blow.title,
    async run(times, say) {
      const cells = MESH_POINTS.map((point, at) => ({ point, marks: marksOf(at, times) }));
      const steps = cells.flatMap(({ point, marks }) => marks.flatMap((mark) => point.steps(mark)));
      await using stage = await open({ replicas: TWO_OF_EACH, steps });
      const rows: Record<string, string | number>[] = [];
      const violations: string[] = [];
      for (const { point, marks } of cells) {
        const cell = await runCell(stage, blow, point, marks);
        const report = await checkCell(stage, cell, blow.mayFail);
        rows.push({ point: point.name, ...report.row });
        violations.push(...report.violations.map((violation) => `${point.name}: ${violation}`));
        say(`${point.name}: ${JSON.stringify(report.row)}, ${report.violations.length} violations`);
      }
      return { rows, violations };
    },
  };
}

const TWO_OF_EACH = Object.fromEntries(SERVICES.map((service) => [service, 2])) as Record<
  ServiceName,
  number
>;

/** Told apart by their first letters too, since a prompt holds a mark as it is. */
function marksOf(cell: number, times: number): string[] {
  return Array.from({ length: times }, (_, turn) => `mark-${cell}-${String(turn).padStart(4, "0")}.`);
}

async function runCell(stage: Stage, blow: Blow, point: MeshPoint, marks: readonly string[]): Promise<Cell> {
  const there = new Set<string>();
  const watch = (turn: FollowedTurn) => void (point.reached(turn) && there.add(turn.mark));
  const following = marks.map((mark) =>
    followTurn(stage.chats, { text: `Do ${mark}`, mark }, { withinMs: WITHIN_MS, watch }),
  );
  await until(
    () => there.size * 2 >= marks.length,
    `half of the turns to be ${point.name}`,
    REACHED_WITHIN_MS,
  );
  const struckAt = performance.now();
  await blow.strike(stage);
  const turns = await Promise.all(following);
  return { turns, lastEndMs: Math.round(performance.now() - struckAt) };
}

async function checkCell(
  stage: Stage,
  { turns, lastEndMs }: Cell,
  mayFail: boolean,
): Promise<{ row: Record<string, number>; violations: string[] }> {
  const [client] = stage.chats();
  if (!client) throw new Error("no chat is left");
  const effects = await stage.effects();
  const checked = await Promise.all(
    turns.map((turn) => checkTurn(client, turn, { wholeText: WHOLE_TEXT, mayFail })),
  );
  const doubled = turns.filter(({ mark }) => (effects.get(mark) ?? 0) > 1);
  const violations = checked.flatMap((one) => one.violations);
  violations.push(...doubled.map(({ mark }) => `${mark}: its effect happened ${effects.get(mark)} times`));
  const row = {
    turns: turns.length,
    completed: checked.filter(({ turn }) => turn?.state === TurnState.COMPLETED).length,
    adopted: checked.filter(({ turn }) => (turn?.epoch ?? 0) > 1).length,
    "begun anew": turns.filter(({ events }) => events.some(({ event }) => event.case === "outputReset"))
      .length,
    "reads failed": failedCalls(checked, "look_up"),
    "writes failed": failedCalls(checked, "mark_effect"),
    doubled: doubled.length,
    "last end ms": lastEndMs,
  };
  return { row, violations };
}

function failedCalls(checked: readonly { turn: Turn | undefined }[], tool: string): number {
  const calls = checked.flatMap(({ turn }) => turn?.toolCalls ?? []);
  return calls.filter(({ call, outcome }) => call?.name === tool && outcome === Outcome.FAILED).length;
}
