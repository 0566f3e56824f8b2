import type { ToolDefinition } from "@forerun/router/tier0/tool-definition";

const VERBS =
  "get list create update delete search export import archive approve assign schedule cancel compare validate".split(
    " ",
  );
const NOUNS =
  "invoice customer order shipment ticket contract employee meeting report budget warehouse supplier payment subscription campaign article recipe flight hotel booking vehicle sensor device account message folder image video playlist course exam patient appointment prescription garden recipe tournament player museum exhibit forecast currency loan mortgage policy claim refund coupon basket product".split(
    " ",
  );
const SCOPES =
  "for a region|of one team|by its date|with its history|in a project|from an archive|for a tenant|of last quarter|by status|with comments|near a city|under a limit|for review|on a schedule".split(
    "|",
  );

/** Tools of an imagined company, all different, as many as asked (up to about 10,000). */
export function syntheticTools(count: number): ToolDefinition[] {
  const tools: ToolDefinition[] = [];
  for (let number = 0; number < count; number++) {
    const verb = VERBS[number % VERBS.length] ?? "";
    const noun = NOUNS[Math.floor(number / VERBS.length) % NOUNS.length] ?? "";
    const scope = SCOPES[Math.floor(number / (VERBS.length * NOUNS.length)) % SCOPES.length] ?? "";
    tools.push(syntheticTool(number, verb, noun, scope));
  }
  return tools;
}

function syntheticTool(number: number, verb: string, noun: string, scope: string): ToolDefinition {
  const last = scope.split(" ").at(-1) ?? "";
  return {
    name: `${verb}_${noun}_${last}_${number}`,
    description: `${verb} the ${noun} ${scope} and return its current state.`,
    input_schema: {
      type: "object",
      properties: {
        [`${noun}_id`]: { type: "string", description: `Identifier of the ${noun}.` },
        [last]: { type: "string", description: `The ${last} to look at.` },
        limit: { type: "integer", description: "Results at most.", default: 10 },
        status: { type: "string", enum: ["open", "closed", "pending"] },
      },
      required: [`${noun}_id`],
    },
  };
}

export const SYNTHETIC_QUESTIONS: readonly string[] = [
  "show me the open invoice INV-2041 for the northern region",
  "cancel the flight booking BK77120 of last quarter",
  "which tickets of team Alpha are pending, at most 5?",
  "schedule a meeting with the supplier near Hamburg next Tuesday",
  "compare the budget of project Aurora with its history",
  "export the sensor report 88-A with comments",
  "what is 17% of 2400",
  "approve the refund for order 1234567 under a limit of 200",
  "find the recipe archive and list its articles by status",
  "hello, who are you?",
];
