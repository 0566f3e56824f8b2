/**
 * Says on a refusal of ours when to come back: the limits tell the rest of the window in a header of their own. What a service
 * refuses has its own word for it, which stays. To stand first among the filters, so that it sees what all others answered.
 */
export function retryAfter(): object {
  const reset = "response.headers['x-ratelimit-reset']";
  const rest = `'x-ratelimit-reset' in response.headers && ${reset} != '0' ? ${reset} : '1'`;
  return {
    name: "retry-after",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
      mutations: {
        response_mutations: [
          {
            append: {
              header: { key: "retry-after", value: `%CEL(response.code == 429 ? (${rest}) : '')%` },
              append_action: "ADD_IF_ABSENT",
            },
          },
        ],
      },
    },
  };
}
