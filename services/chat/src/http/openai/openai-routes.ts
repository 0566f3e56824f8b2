import { PATH_ROLES } from "@forerun/auth/access";
import { requireRole } from "@forerun/auth/require-role";
import { errorHeaders } from "../error-json.ts";
import { type Exchange, sendJson } from "../exchange.ts";
import type { HttpFrontDeps } from "../front.ts";
import { nothingAt, type Route } from "../routes.ts";
import { completionsHandler } from "./completions-route.ts";
import { embeddingModelName, embeddingsHandler } from "./embeddings-route.ts";
import { toOpenAiError } from "./openai-error.ts";
import { noSuchModel } from "./refusal.ts";

const MODELS = "/v1/models";

/** What OpenAI's clients may call; every error below /v1 has OpenAI's shape. */
export function openAiRoutes(deps: HttpFrontDeps): Route[] {
  const fail: Route["fail"] = (exchange, thrown) => {
    const { error, body } = toOpenAiError(thrown, deps.log.child({ request_id: exchange.requestId }));
    sendJson(exchange, error.httpStatus, body, errorHeaders(error));
  };
  return [
    { path: "/v1/chat/completions", methods: ["POST"], handle: completionsHandler(deps), fail },
    { path: "/v1/embeddings", methods: ["POST"], handle: embeddingsHandler(deps), fail },
    { path: MODELS, methods: ["GET"], handle: (exchange) => listModels(deps, exchange), fail },
    { path: `${MODELS}/*`, methods: ["GET"], handle: (exchange) => showModel(deps, exchange), fail },
    nothingAt("/v1/*", fail),
  ];
}

async function listModels(deps: HttpFrontDeps, exchange: Exchange): Promise<void> {
  requireRole(await deps.authenticate(exchange.request), PATH_ROLES[MODELS]);
  sendJson(exchange, 200, { object: "list", data: modelIds(deps).map(modelJson) });
}

async function showModel(deps: HttpFrontDeps, exchange: Exchange): Promise<void> {
  requireRole(await deps.authenticate(exchange.request), PATH_ROLES[MODELS]);
  const asked = exchange.path.slice(MODELS.length + 1);
  const id = modelIds(deps).find((known) => known === asked || encodeURIComponent(known) === asked);
  if (id === undefined) throw noSuchModel(asked);
  sendJson(exchange, 200, modelJson(id));
}

/** Models that chat, then the one that embeds. */
function modelIds({ models, embedder }: HttpFrontDeps): string[] {
  return [...models().map(({ id }) => id), ...(embedder ? [embeddingModelName(embedder)] : [])];
}

/** OpenAI's model object; names of a configuration have no birthday, so `created` is 0. */
function modelJson(id: string): object {
  return { id, object: "model", created: 0, owned_by: "forerun" };
}
