import { type Turn, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { Outcome } from "@forerun/contracts/forerun/common/v1/common_pb";
import { SERVICES, type ServiceName } from "../../../scripts/mesh/replicas.ts";
import { until } from "../../support/until.ts";
import type { Fault } from "../fault.ts";
import { checkTurn } from "./check-turn.ts";
import { type FollowedTurn, followTurn } from "./followed-turn.ts";
import { MESH_POINTS, type MeshPoint, WHOLE_TEXT } from "./points.ts";
import { openStage, type Stage } from "./stage.ts";

/** A turn's own deadline is 60 s, and 5 s after it there must be an end. */
const WITHIN_MS = 65_000;
const REACHED_WITHIN_MS = 30_000;

/** How a process is taken away. */
export type Blow = {
  words: string;
  /** Strikes one process; resolves when another one may be started in its place. */
  strike(stage: Stage, service: ServiceName): Promise<void>;
};

type Cell = { turns: FollowedTurn[]; lastEndMs: number };

/** Takes a replica of a service away while many turns stand at a point, for each of five points. */
export function meshFault(service: ServiceName, blow: Blow): Fault {
  return {
    title: `${blow.words} one of two ${service} replicas while as many turns stand at a point`,
    async run(times, say) {
      const cells = MESH_POINTS.map((point, at) => ({ point, marks: marksOf(at, times) }));
      const steps = cells.flatMap(({ point, marks }) => marks.flatMap((mark) => point.steps(mark)));
      await using stage = await openStage({ replicas: TWO_OF_EACH, steps });
      const rows: Record<string, string | number>[] = [];
      const violations: string[] = [];
      for (const { point, marks } of cells) {
        const cell = await runCell(stage, service, blow, point, marks);
        const report = await checkCell(stage, cell);
        rows.push({ point: point.name, ...report.row });
        violations.push(...report.violations.map((violation) => `${point.name}: ${violation}`));
        say(
          `${service}, ${point.name}: ${JSON.stringify(report.row)}, ${report.violations.length} violations`,
        );
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

async function runCell(
  stage: Stage,
  service: ServiceName,
  blow: Blow,
  point: MeshPoint,
  marks: readonly string[],
): Promise<Cell> {
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
  await blow.strike(stage, service);
  const turns = await Promise.all(following);
  return { turns, lastEndMs: Math.round(performance.now() - struckAt) };
}

async function checkCell(
  stage: Stage,
  { turns, lastEndMs }: Cell,
): Promise<{ row: Record<string, number>; violations: string[] }> {
  const [client] = stage.chats();
  if (!client) throw new Error("no chat is left");
  const effects = await stage.effects();
  const checked = await Promise.all(turns.map((turn) => checkTurn(client, turn, WHOLE_TEXT)));
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
