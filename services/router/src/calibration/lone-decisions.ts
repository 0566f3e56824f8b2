import type { Tier0Decision } from "../tier0/decision/tier0-decision.ts";
import type { ToolIndex } from "../tier0/ranking/tool-index.ts";
import { AgreementWindow } from "./agreement-window.ts";
import { type Calibration, rankingOf } from "./calibration.ts";
import { mayDecideAlone } from "./may-decide-alone.ts";

/** Decide without a model, ask one all the same to check tier 0, or ask because it is needed. */
export type ModelNeed = "none" | "audit" | "needed";

export type LoneDecisionDeps = Readonly<{
  calibration: Calibration;
  /** Uniform in [0, 1): which sure decisions are audited. */
  random(): number;
  /** Called for each decision that needed no model, whether it was audited or not. */
  counted(result: "alone" | "agreed" | "disagreed"): void;
  /** Called once, when the audits show that the promise is not kept and every decision goes to the model from now on. */
  drifted(): void;
}>;

/** A decision that could do without a model, and what to do about it. */
export type SureDecision = Readonly<{
  decision: Tier0Decision;
  need: Exclude<ModelNeed, "needed">;
  /** Notes what an audit of it found. */
  audited(agreed: boolean): void;
}>;

/** Share of sure decisions that the model is asked about: 3 in 100. */
const AUDITED = 0.03;

/** Says when tier 0 decides alone, for as long as audits bear it out. */
export class LoneDecisions {
  readonly #deps: LoneDecisionDeps;
  readonly #window = new AgreementWindow();
  #drifted = false;

  constructor(deps: LoneDecisionDeps) {
    this.#deps = deps;
  }

  /** Tier 0 still decides alone. */
  get active(): boolean {
    return this.#deps.calibration.skip !== null && !this.#drifted;
  }

  /** Undefined when the decision needs a model, as each does that was ranked otherwise than what was calibrated. */
  judge(decision: Tier0Decision, index: ToolIndex): SureDecision | undefined {
    const need = this.needOf(decision, index);
    return need === "needed" ? undefined : { decision, need, audited: (agreed) => this.audited(agreed) };
  }

  needOf(decision: Tier0Decision, index: ToolIndex): ModelNeed {
    const { calibration } = this.#deps;
    const { skip, turns } = calibration;
    if (skip === null || this.#drifted || decision.confidence < skip.threshold) return "needed";
    const definitionOf = (name: string) =>
      index.tools.find(({ definition }) => definition.name === name)?.definition;
    const calibrated = { turns: turns.by_tool, rankedBy: rankingOf(calibration) };
    if (!mayDecideAlone(decision, definitionOf, calibrated)) return "needed";
    if (this.#deps.random() < AUDITED) return "audit";
    this.#deps.counted("alone");
    return "none";
  }

  /** Notes what an audit found. */
  audited(agreed: boolean): void {
    this.#deps.counted(agreed ? "agreed" : "disagreed");
    this.#window.record(agreed);
    const promised = this.#deps.calibration.skip?.promised ?? 0;
    if (this.#drifted || !this.#window.contradicts(promised)) return;
    this.#drifted = true;
    this.#deps.drifted();
  }
}
