import { isDeepStrictEqual } from "node:util";
import { decide } from "../tier0/decision/decide.ts";
import type { Prior } from "../tier0/decision/draft.ts";
import type { Tier0Decision } from "../tier0/decision/tier0-decision.ts";
import { ArgumentValidator } from "../tier0/decision/validator.ts";
import type { Clock } from "../tier0/spans/utterance.ts";
import type { JudgedTurn } from "./judged-turn.ts";
import type { LabelledTurn } from "./labelled-turn.ts";
import { type Calibrated, mayDecideAlone } from "./may-decide-alone.ts";
import { questionOf, type ReadTurn } from "./read-turns.ts";

/** Decides labelled turns with the prior and compares. */
export function turnJudge(
  prior: Prior,
  calibrated: Calibrated,
  clock: Clock,
): (read: Pick<ReadTurn, "turn" | "index" | "weight">) => JudgedTurn {
  const means = { prior, validator: new ArgumentValidator() };
  return ({ turn, index, weight }) => {
    const decision = decide(index, questionOf(turn, clock), means);
    const definitions = new Map(index.tools.map(({ definition }) => [definition.name, definition]));
    const alone = mayDecideAlone(decision, (name) => definitions.get(name), calibrated);
    const [leader] = decision.candidates;
    return {
      confidence: alone ? decision.confidence : undefined,
      right: turn.isRight(decision.calls),
      leader: leader && { pTool: leader.pTool, wanted: turn.wanted.includes(leader.name) },
      pArguments: areWanted(decision, turn)
        ? decision.calls.reduce((product, call) => product * call.pArguments, 1)
        : undefined,
      weight,
    };
  };
}

function areWanted({ calls }: Tier0Decision, { wanted }: LabelledTurn): boolean {
  const made = calls.map(({ name }) => name).sort();
  return made.length > 0 && isDeepStrictEqual(made, [...wanted].sort());
}
