import { EarlyPlaces } from "./early-places.ts";
import { remember } from "./remember.ts";
import { Waste } from "./waste.ts";

/** Weight of the newest figure in a moving average. */
const NEWEST = 0.2;
/** Before anything is known: a network tool, a small model's decision, a larger model's first word and what its answer costs. */
const FIRST = { toolMs: 300, routeMs: 300, answer: { firstTextMs: 300, costMicros: 300 } };

type AnswerTook = { firstTextMs: number; costMicros: number };

/** What recent turns of this process teach about the next. */
export class Expectations {
  /** Of early calls, and of answers written early. */
  readonly waste = { calls: new Waste(), answers: new Waste() };
  readonly places = new EarlyPlaces();
  readonly #toolMs = new Map<string, number>();
  #routeMs = FIRST.routeMs;
  #answer: AnswerTook | undefined;

  get routeMs(): number {
    return this.#routeMs;
  }

  /** How long an answer's first word takes, and what an answer costs. */
  get answer(): AnswerTook {
    return this.#answer ?? FIRST.answer;
  }

  toolMs(name: string): number {
    return this.#toolMs.get(name) ?? FIRST.toolMs;
  }

  toolTook(name: string, ms: number): void {
    remember(this.#toolMs, name, blend(this.#toolMs.get(name), ms));
  }

  routeTook(ms: number): void {
    this.#routeMs = blend(this.#routeMs, ms);
  }

  answerTook({ firstTextMs, costMicros }: AnswerTook): void {
    this.#answer = {
      firstTextMs: blend(this.#answer?.firstTextMs, firstTextMs),
      costMicros: blend(this.#answer?.costMicros, costMicros),
    };
  }
}

function blend(known: number | undefined, newest: number): number {
  return known === undefined ? newest : known * (1 - NEWEST) + newest * NEWEST;
}
