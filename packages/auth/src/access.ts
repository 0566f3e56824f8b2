import type { TokenRole } from "@forerun/runtime/caller";

type Service = "chat" | "router" | "tool-executor" | "answer" | "memory";

/**
 * Who may make a call. `roles`: at the doors that people use, whoever has one of them, for the own tenant. `services`: between
 * services, those that may make it, for themselves or for a caller whose roles they have checked at their own door.
 */
export type Access = Readonly<{ roles: readonly TokenRole[]; services: readonly Service[] }>;

const talk: Access = { roles: ["user", "admin"], services: [] };
const read: Access = { roles: ["user", "evaluator", "admin"], services: [] };
const measure: Access = { roles: ["user", "operator", "admin"], services: [] };
const forTurns: Access = { roles: [], services: ["chat"] };
const documents: Access = { roles: ["user", "operator", "admin"], services: ["chat"] };
const anyRole: readonly TokenRole[] = ["user", "evaluator", "operator", "admin"];
const operate: readonly TokenRole[] = ["operator", "admin"];
const seeTools: Access = { roles: anyRole, services: ["chat", "router"] };

/** Every rpc of every service; a test holds it complete. */
export const ACCESS: Readonly<Record<string, Readonly<Record<string, Access>>>> = {
  "forerun.chat.v1.ChatService": {
    Ask: talk,
    Chat: talk,
    CreateTurn: talk,
    StreamTurn: read,
    GetTurn: read,
    ListTurns: read,
    CancelTurn: talk,
    ResolveInterrupts: talk,
    SubmitToolOutputs: talk,
    CreateConversation: talk,
    GetConversation: read,
    ListConversations: read,
    UpdateConversation: talk,
    DeleteConversation: talk,
    ForkConversation: talk,
    ListMessages: read,
    CreateFeedback: read,
    GetQuota: measure,
    GetUsage: measure,
  },
  "forerun.tool.v1.ToolService": {
    ListTools: seeTools,
    WatchTools: seeTools,
    GetTool: seeTools,
    // Past what decides, limits and approves calls in a turn.
    Execute: { roles: operate, services: ["chat"] },
    Cancel: { roles: operate, services: ["chat"] },
    Commit: forTurns,
  },
  "forerun.memory.v1.MemoryService": {
    Search: { roles: anyRole, services: ["chat", "tool-executor"] },
    Ingest: documents,
    ListDocuments: documents,
    GetDocument: documents,
    DeleteDocument: documents,
  },
  "forerun.router.v1.RouterService": { Route: forTurns },
  "forerun.answer.v1.AnswerService": { Generate: forTurns },
};

/** What the HTTP front answers by itself, behind no rpc. */
export const PATH_ROLES = {
  "/status": operate,
  "/v1/models": anyRole,
  "/v1/embeddings": ["user", "admin"],
} as const satisfies Record<string, readonly TokenRole[]>;
