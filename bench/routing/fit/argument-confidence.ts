import { boundedLogit, type Confidence } from "@forerun/router/tier0/arguments/confidence";
import { VALUE_TYPES, type ValueType } from "@forerun/router/tier0/arguments/value-type";
import { type Choice, fitConditionalLogit } from "@forerun/router/tier0/learning/conditional-logit";
import type { Lexicon } from "@forerun/router/tier0/lexicon/lexicon";
import { type ArgumentForecast, argumentForecasts } from "../argument-forecasts.ts";
import type { RoutingCase } from "../data.ts";
import { readCase } from "../read-case.ts";
import { fitArgumentWeights } from "./argument-weights.ts";

/** Believes the scorer. */
export const UNFITTED_CONFIDENCE: Confidence = confidenceBy(() => ({ slope: 1, bias: 0 }));

const FOLDS = 4;
const L2 = 0.002;
const EPOCHS = 500;
const NOTHING = { features: new Int32Array(0), values: new Float64Array(0) };

/**
 * Fits how far choices of arguments are to be believed, on cases that the weights behind them were not fitted to. A type of which few
 * were seen stays near the line of all: its own line is fitted as what is added to that, and pulled to nothing.
 */
export function fitArgumentConfidence(cases: readonly RoutingCase[], lexicon: Lexicon): Confidence {
  const choices = crossForecasts(cases, lexicon).map(({ type, probability, happened }): Choice => {
    const at = 2 * (1 + VALUE_TYPES.indexOf(type));
    const logit = boundedLogit(probability);
    const line = {
      features: Int32Array.of(0, 1, at, at + 1),
      values: Float64Array.of(logit, 1, logit, 1),
    };
    return { alternatives: [line, NOTHING], right: [happened, !happened], weight: 1 };
  });
  const features = 2 * (1 + VALUE_TYPES.length);
  const fitted = fitConditionalLogit(choices, { features, l2: L2, epochs: EPOCHS });
  return confidenceBy((type) => {
    const at = 2 * (1 + VALUE_TYPES.indexOf(type));
    return {
      slope: (fitted[0] ?? 0) + (fitted[at] ?? 0),
      bias: (fitted[1] ?? 0) + (fitted[at + 1] ?? 0),
    };
  });
}

/** The scorer's own probabilities, by weights that were fitted to the other folds. */
function crossForecasts(cases: readonly RoutingCase[], lexicon: Lexicon): ArgumentForecast[] {
  return Array.from({ length: FOLDS }, (_, fold) => {
    const others = cases.filter((_, at) => at % FOLDS !== fold);
    const prior = { weights: fitArgumentWeights(others, lexicon), confidence: UNFITTED_CONFIDENCE };
    return cases
      .filter((_, at) => at % FOLDS === fold)
      .flatMap((one) => {
        const read = readCase(one, lexicon, prior);
        return read === undefined ? [] : argumentForecasts(read.extraction, read.expected);
      });
  }).flat();
}

function confidenceBy(line: (type: ValueType) => Confidence[ValueType]): Confidence {
  return Object.fromEntries(VALUE_TYPES.map((type) => [type, line(type)])) as Confidence;
}
