import type { Parameter } from "../parameters/parameter.ts";
import type { Utterance } from "../spans/utterance.ts";
import { arrayCandidates } from "./array-candidates.ts";
import { booleanCandidates } from "./boolean-candidates.ts";
import type { Candidate } from "./candidate.ts";
import { numberCandidates } from "./number-candidates.ts";
import { optionCandidates } from "./option-candidates.ts";
import { stringCandidates } from "./string-candidates.ts";

/** What the text offers for a parameter, by its type. Free-form objects are left to a model. */
export function candidatesFor(parameter: Parameter, utterance: Utterance): Candidate[] {
  switch (parameter.kind) {
    case "number":
    case "integer": {
      const options = optionCandidates(parameter, utterance);
      return parameter.closed ? options : [...options, ...numberCandidates(parameter, utterance)];
    }
    case "boolean":
      return booleanCandidates(parameter, utterance);
    case "string":
      return stringCandidates(parameter, utterance);
    case "array":
      return arrayCandidates(parameter, utterance);
    case "object":
      return [];
    default: {
      const never: never = parameter.kind;
      throw new TypeError(`unknown parameter kind ${String(never)}`);
    }
  }
}
