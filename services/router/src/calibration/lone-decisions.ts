import type { Tier0Question } from "../tier0/decision/decide.ts";
import type { Tier0Decision } from "../tier0/decision/tier0-decision.ts";
import type { ToolIndex } from "../tier0/ranking/tool-index.ts";
import type { Tier0 } from "../tier0/tier0.ts";
import { AgreementWindow } from "./agreement-window.ts";
import type { Calibration } from "./calibration.ts";
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

  /** Tier 0's decision by the words alone, as it was calibrated; undefined when it needs a model. */
  judge(question: Tier0Question, index: ToolIndex, tier0: Tier0): SureDecision | undefined {
    if (!this.active) return undefined;
    const decision = tier0.decide(index, question);
    const need = this.needOf(decision, index);
    return need === "needed" ? undefined : { decision, need, audited: (agreed) => this.audited(agreed) };
  }

  needOf(decision: Tier0Decision, index: ToolIndex): ModelNeed {
    const { skip, turns } = this.#deps.calibration;
    if (skip === null || this.#drifted || decision.confidence < skip.threshold) return "needed";
    const definitionOf = (name: string) =>
      index.tools.find(({ definition }) => definition.name === name)?.definition;
    if (!mayDecideAlone(decision, definitionOf, turns.by_tool)) return "needed";
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
