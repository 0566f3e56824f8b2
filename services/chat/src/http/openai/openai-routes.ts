import { errorHeaders } from "../error-json.ts";
import { type Exchange, sendJson } from "../exchange.ts";
import type { HttpFrontDeps } from "../front.ts";
import { nothingAt, type Route } from "../routes.ts";
import { completionsHandler } from "./completions-route.ts";
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
    { path: MODELS, methods: ["GET"], handle: (exchange) => listModels(deps, exchange), fail },
    { path: `${MODELS}/*`, methods: ["GET"], handle: (exchange) => showModel(deps, exchange), fail },
    nothingAt("/v1/*", fail),
  ];
}

async function listModels(deps: HttpFrontDeps, exchange: Exchange): Promise<void> {
  await deps.authenticate(exchange.request);
  sendJson(exchange, 200, { object: "list", data: deps.models().map(({ id }) => modelJson(id)) });
}

async function showModel(deps: HttpFrontDeps, exchange: Exchange): Promise<void> {
  await deps.authenticate(exchange.request);
  const id = exchange.path.slice(MODELS.length + 1);
  if (!deps.models().some((model) => model.id === id || encodeURIComponent(model.id) === id)) {
    throw noSuchModel(id);
  }
  sendJson(exchange, 200, modelJson(decodeURIComponent(id)));
}

/** OpenAI's model object; names of a configuration have no birthday, so `created` is 0. */
function modelJson(id: string): object {
  return { id, object: "model", created: 0, owned_by: "forerun" };
}
