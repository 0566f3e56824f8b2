import { randomUUID } from "node:crypto";
import type { Ledger, Share } from "@forerun/quota/ledger";
import { Meter, type Unit } from "@forerun/quota/meter";
import type { Caller } from "@forerun/runtime/caller";
import { NO_USAGE, type Usage } from "../turn.ts";
import { usageOf } from "../usage.ts";
import type { Price, QuotaPolicy, StepModels, TenantQuota } from "./policy.ts";
import { ANSWER_FRAME_TOKENS, likelyTokens, MARGIN, ROUTE_OUTPUT_TOKENS, type Step } from "./step-size.ts";

export type TurnQuotaDeps = Readonly<{
  ledger: Ledger;
  policy: QuotaPolicy;
  /** Tokens in a text. */
  count(text: string): number;
}>;

/** Tokens of one model call; 0 means no bound. */
export type StepBounds = Readonly<{ maxInputTokens: number; maxOutputTokens: number }>;

export type Refusal = Readonly<{ meter: Meter; retryAfterMs: number }>;

/** What a step may have: bounds, or nothing any more. */
export type Allowed = StepBounds | "spent";

/** Less than this is not worth a model call. */
const LEAST_TOKENS = 64;
/** Where so much is left, the end of an answer is left to the model: chunks are asked for as it writes. */
const AMPLE_TOKENS = 16_384;

/** The step that was begun and whose usage is not known yet. */
type Open = {
  models: StepModels;
  likely: number;
  written: number;
  input: number;
  output: number;
  final: boolean;
};

/**
 * What one turn may use. Before a model call it sets aside what the call may take, together with all that the turn has spent; a
 * stream asks for more in chunks. What was spent is always that of the turn itself, so whoever adopts it goes on with the same.
 */
export class TurnQuota {
  readonly #deps: TurnQuotaDeps;
  readonly #caller: Caller;
  readonly #quota: TenantQuota;
  readonly #hold = randomUUID();
  readonly #base: readonly Meter[];
  #spent = NO_USAGE;
  #open: Open | undefined;
  /** What was set aside before the turn was accepted, until its first step. */
  #admitted: StepBounds | undefined;

  constructor(deps: TurnQuotaDeps, caller: Caller, quota: TenantQuota) {
    this.#deps = deps;
    this.#caller = caller;
    this.#quota = quota;
    this.#base = baseMeters(caller, quota);
  }

  /** Sets aside what the first decision takes; gives why not. */
  async admit(text: string): Promise<Refusal | undefined> {
    const reserved = await this.#reserve(this.#begin("route", [text]), LEAST_TOKENS);
    if ("retryAfterMs" in reserved) return reserved;
    this.#admitted = reserved;
    return undefined;
  }

  /** `spent`: what the turn has used so far; `parts`: what goes into the prompt. */
  async before(step: Step, parts: readonly unknown[], spent: Usage, maxOutput = 0): Promise<Allowed> {
    this.#spent = spent;
    const begun = this.#begin(step, parts, maxOutput);
    const admitted = this.#admitted;
    this.#admitted = undefined;
    if (admitted && step === "route" && begun.input <= admitted.maxInputTokens) return admitted;
    const reserved = await this.#reserve(begun, LEAST_TOKENS);
    if ("retryAfterMs" in reserved) {
      this.#open = undefined;
      return "spent";
    }
    return reserved;
  }

  /** The step has told what it used. */
  told(): void {
    this.#open = undefined;
  }

  /** Counts text of the answer, and sets aside the next chunk in good time. False where the quota ends here. */
  async wrote(text: string): Promise<boolean> {
    const open = this.#open;
    if (!open) return true;
    open.written += this.#deps.count(text);
    const { chunkTokens } = this.#deps.policy;
    if (!open.final && open.written + chunkTokens / 2 > open.output) {
      const more = await this.#reserve(
        { ...open, output: open.output + chunkTokens },
        1,
        open.input + open.output,
      );
      open.final = "retryAfterMs" in more;
      if (!open.final && this.#open) open.output = this.#open.output;
      this.#open = open;
    }
    return !open.final || open.written < open.output;
  }

  /** What a call that nobody heard the end of has likely used. */
  unaccounted(): Usage {
    const open = this.#open;
    this.#open = undefined;
    if (!open || open.written === 0) return NO_USAGE;
    const { likely: inputTokens, written: outputTokens, models } = open;
    const costMicros = costOf(inputTokens, outputTokens, models.price);
    const usage = { ...NO_USAGE, modelCalls: 1, inputTokens, outputTokens, costMicros };
    return usageOf(models.names[0] ?? "", usage);
  }

  /** Gives back what was not used. Call it once the turn's usage is on record. Never rejects. */
  async settle(usage: Usage): Promise<void> {
    const amounts = this.#metersFor((usage.models ?? []).map(({ model }) => model)).map((meter) => ({
      meter,
      amount: spentOf(meter, usage),
    }));
    await this.#deps.ledger.settle(this.#hold, amounts).catch(() => {});
  }

  #begin(step: Step, parts: readonly unknown[], maxOutput = 0): Open {
    const models = this.#deps.policy.modelsOf(this.#caller.tenant, step);
    const { chunkTokens, routeTokens } = this.#deps.policy;
    const likely = likelyTokens(parts);
    const deciding = step === "route";
    // What is set aside for a prompt bounds it, and so has to be more than it likely takes.
    const input = (deciding ? routeTokens : ANSWER_FRAME_TOKENS) + MARGIN * likely;
    const most = deciding ? ROUTE_OUTPUT_TOKENS : chunkTokens;
    const output = maxOutput > 0 ? Math.min(most, maxOutput) : most;
    // A decision is not asked for in chunks.
    return { models, likely: Math.ceil(input / MARGIN), written: 0, input, output, final: deciding };
  }

  /** `held`: tokens that the step has already. */
  async #reserve(step: Open, least: number, held = 0): Promise<StepBounds | Refusal> {
    const { price, calls, names } = step.models;
    const amount = (unit: Unit, input: number, output: number) =>
      calls * (unit === "tokens" ? input + output : costOf(input, output, price));
    const known = (this.#spent.models ?? []).map(({ model }) => model);
    const shares = this.#metersFor([...names, ...known]).map((meter): Share => {
      const spent = spentOf(meter, this.#spent);
      const { scope, unit } = meter;
      if (scope.kind === "model" && !names.includes(scope.model))
        return { meter, spent, want: spent, least: 0 };
      const want = spent + amount(unit, step.input, step.output);
      const enough = Math.min(1, (held + least) / (step.input + step.output));
      return { meter, spent, want, least: Math.max(spent + 1, spent + Math.ceil(enough * (want - spent))) };
    });
    const reserved = await this.#deps.ledger.reserve({ hold: this.#hold, shares });
    if (reserved.kind === "refused") return reserved;
    let part = 1;
    let left = Number.POSITIVE_INFINITY;
    reserved.grants.forEach((grant, at) => {
      const { spent, want, meter } = shares[at] as Share;
      if (want === spent) return;
      part = Math.min(part, (grant.amount - spent) / (want - spent));
      const perToken = meter.unit === "tokens" ? 1 : price.output;
      if (perToken > 0) left = Math.min(left, grant.left / perToken);
    });
    const input = held > 0 ? step.input : Math.floor(step.input * part);
    const output =
      held > 0 ? Math.floor((step.input + step.output) * part) - input : Math.floor(step.output * part);
    this.#open = { ...step, input, output };
    const cap = step.final ? output : output + Math.floor(Math.min(left, AMPLE_TOKENS));
    return {
      maxInputTokens: Math.max(1, input),
      maxOutputTokens: cap >= AMPLE_TOKENS ? 0 : Math.max(1, cap),
    };
  }

  #metersFor(models: readonly string[]): Meter[] {
    const own = [...new Set(models)].flatMap((model) => {
      const limit = this.#quota.models[model];
      return limit ? Meter.of(this.#caller, { kind: "model", model }, limit) : [];
    });
    return [...this.#base, ...own];
  }
}

/** Those of the tenant and of the user. */
export function baseMeters(caller: Caller, { tenant, user }: TenantQuota): Meter[] {
  const own = user ? Meter.of(caller, { kind: "user", subject: caller.subject }, user) : [];
  return [...Meter.of(caller, { kind: "tenant" }, tenant), ...own];
}

/** What a meter counts of a turn's usage. */
function spentOf({ scope, unit }: Meter, usage: Usage): number {
  const part = scope.kind === "model" ? usage.models?.find(({ model }) => model === scope.model) : usage;
  if (!part) return 0;
  return unit === "tokens" ? part.inputTokens + part.outputTokens : part.costMicros;
}

function costOf(input: number, output: number, price: Price): number {
  return Math.ceil(input * price.input + output * price.output);
}
