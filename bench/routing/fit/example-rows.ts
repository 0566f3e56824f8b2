import type { LabelledDrafts } from "@forerun/router/tier0/learning/fit-heads";
import type { ToolDefinition } from "@forerun/router/tier0/tool-definition";
import type { IntentCase } from "../data.ts";
import { intentTools, OUT_OF_SCOPE, utterancesByIntent } from "../intents.ts";

/** What the heads see of a text that is asked of some tools, of which the `right` ones are wanted. */
export type Read = (
  tools: readonly ToolDefinition[],
  text: string,
  right: readonly string[],
  weight: number,
) => LabelledDrafts[];

/** Registries of tools that are known by their examples alone, and what is asked of them. */
export type Exampled = Readonly<{
  registries: readonly (readonly ToolDefinition[])[];
  inside: readonly Readonly<{ text: string; intent: string }>[];
  outside: readonly string[];
}>;

const EXAMPLES = [3, 5, 10];
/** Utterances of an intent from here on are asked; those before may be examples. */
const FIRST_ASKED = Math.max(...EXAMPLES);
/** Tools of a small registry, whose other intents are out of scope. */
const FEW = 12;
/** Of questions to a registry every so many are read: there are many, and they are alike. */
const THINNED = 3;

/** All intents as tools, and a few of them at a time, with few examples and with more. */
export function exampled(cases: readonly IntentCase[]): Exampled {
  const byIntent = utterancesByIntent(cases);
  const registries = EXAMPLES.flatMap((count) => {
    const tools = intentTools(byIntent, count);
    return [tools, ...chunks(tools, FEW)];
  });
  return {
    registries,
    inside: [...byIntent].flatMap(([intent, texts]) =>
      texts.slice(FIRST_ASKED).map((text) => ({ text, intent })),
    ),
    outside: cases.filter(({ intent }) => intent === OUT_OF_SCOPE).map(({ text }) => text),
  };
}

export function exampleRows({ registries, inside, outside }: Exampled, read: Read): LabelledDrafts[] {
  return registries.flatMap((tools, registry) => {
    const few = tools.length <= FEW;
    const names = new Set(tools.map((tool) => tool.name));
    const own = inside.filter(({ intent }) => names.has(intent));
    const foreign = few ? inside.filter((_, at) => at % registries.length === registry) : [];
    const asked = few ? own : own.filter((_, at) => at % THINNED === 0);
    return [
      ...asked.flatMap(({ text, intent }) => read(tools, text, [intent], 1)),
      ...foreign.flatMap(({ text, intent }) => read(tools, text, [intent], 1)),
      ...outside.flatMap((text) => read(tools, text, [], few ? 0.3 : 1)),
    ];
  });
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, at) =>
    list.slice(at * size, (at + 1) * size),
  );
}
