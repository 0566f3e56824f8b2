import { ToolFailure } from "@forerun/toolkit";
import type { FindPlace, Place } from "./place.ts";

/** The place of a name, or the failure that tells the model why there is none. */
export async function placeOrFailure(find: FindPlace, name: string, signal: AbortSignal): Promise<Place> {
  const outcome = await find(name, signal);
  switch (outcome.kind) {
    case "found":
      return outcome.place;
    case "none": {
      const hint = outcome.nearest
        ? ` Did you mean "${outcome.nearest}"?`
        : " A larger town nearby may be known.";
      throw new ToolFailure("not_found", `No place called "${name}" was found.${hint}`);
    }
    case "unreachable":
      throw new ToolFailure(
        "unreachable",
        `The place search ${outcome.reason}, and "${name}" is not in the short built-in list.`,
      );
    default:
      return outcome satisfies never;
  }
}
