import type { Draft } from "./draft.ts";

/** Asks for what is missing in the words of the schema: "To use get_weather I need the place. What is it?" */
export function clarifyingQuestion(draft: Draft): string {
  const { definition, parameters } = draft.ranked.tool;
  const missing =
    draft.extraction.missing.length > 0
      ? draft.extraction.missing
      : parameters.slice(0, 1).map(({ path }) => path.join("."));
  const names = missing.map((path) => {
    const parameter = parameters.find((one) => one.path.join(".") === path);
    const description = parameter?.description.split(/[.;(]/)[0]?.trim() ?? "";
    const label = path.replaceAll(/[_.]/g, " ");
    return description === "" || description.length > 80 ? label : `${label} (${lowerFirst(description)})`;
  });
  const last = names.pop() ?? "the arguments";
  const listed = names.length === 0 ? last : `${names.join(", ")} and ${last}`;
  return `To use ${definition.name} I need the ${listed}. Can you tell me?`;
}

function lowerFirst(text: string): string {
  return /^\p{Lu}\p{Ll}/u.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
