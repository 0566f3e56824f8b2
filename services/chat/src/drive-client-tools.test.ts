import { expect, it } from "vitest";
import type { AnswerQuestion, Collaborators } from "./collaborators.ts";
import { drive, ONE_CALL } from "./fixtures/driven-turn.ts";
import type { ClientTools } from "./turn.ts";

const clientTools: ClientTools = {
  tools: [{ name: "read_file", description: "", parameters: {} }],
  messages: [{ role: "user", content: "What is in a.txt?", calls: [], callId: "" }],
  requiredTool: "",
  singleCall: false,
};

const never: Partial<Collaborators> = {
  route: () => {
    throw new Error("a client's tools are not the router's business");
  },
  search: () => {
    throw new Error("a client sends what it wants to be known");
  },
};

it("a turn with tools of the client's own goes to the model alone and ends with the calls that it asks for", async () => {
  const calls = [{ callId: "c1", name: "read_file", arguments: '{"path":"a.txt"}' }];
  const asked: AnswerQuestion[] = [];
  const { turn, log } = await drive(
    {
      ...never,
      async *generate(question) {
        asked.push(question);
        yield { kind: "done", finish: "stop", usage: ONE_CALL, clientCalls: calls };
      },
    },
    { clientTools },
  );
  expect(turn).toMatchObject({ state: "completed", text: "", clientCalls: calls, usage: { modelCalls: 1 } });
  expect(log.kinds()).toEqual([
    "turnCreated",
    "turnInProgress",
    "outputTextDone",
    "clientCallsRequested",
    "usageUpdated",
  ]);
  expect(asked).toMatchObject([{ clientTools, decision: undefined, toolCalls: [], snippets: [] }]);
});

it("it ends with an answer when the model gives one", async () => {
  const { turn, log } = await drive(never, { clientTools });
  expect(turn).toMatchObject({ state: "completed", text: "It is 408.", clientCalls: [] });
  expect(log.kinds()).not.toContain("clientCallsRequested");
});
