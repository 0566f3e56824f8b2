/**
 * Every error code a person can meet, with a short title. docs/errors/ holds one page a code; a check keeps both sets equal.
 * 10xx start and process · 11xx store · 12xx configuration · 13xx wire · 14xx tools · 15xx models · 16xx memory · 17xx turns · 18xx command line · 19xx routing
 */
export const ERROR_CATALOG = {
  "FR-E1001": "port taken",
  "FR-E1002": "auth needed beyond loopback",
  "FR-E1201": "unknown configuration key",
  "FR-E1203": "bad configuration value",
  "FR-E1301": "bad request field",
  "FR-E1302": "message too large",
  "FR-E1303": "not implemented yet",
  "FR-E1304": "internal error",
  "FR-E1305": "malformed request body",
  "FR-E1320": "no such path",
  "FR-E1321": "method not allowed",
  "FR-E1322": "unsupported content type",
  "FR-E1323": "foreign host or origin",
  "FR-E1324": "unsupported OpenAI field",
  "FR-E1325": "no such model",
  "FR-E1401": "bad tool definition",
  "FR-E1402": "tool module cannot be loaded",
  "FR-E1403": "bad tool schema",
  "FR-E1404": "tool name taken",
  "FR-E1405": "unreadable tool source",
  "FR-E1406": "no such tool",
  "FR-E1501": "model unreachable",
  "FR-E1502": "model key refused",
  "FR-E1503": "model limit reached",
  "FR-E1504": "model failed",
  "FR-E1505": "model too slow",
  "FR-E1506": "unreadable model answer",
  "FR-E1507": "model answer broke off",
  "FR-E1508": "model request refused",
  "FR-E1701": "no such conversation",
  "FR-E1702": "no such turn",
  "FR-E1703": "conversation is busy",
  "FR-E1704": "idempotency key used for another request",
  "FR-E1705": "bad page token",
  "FR-E1706": "cursor past the last event",
  "FR-E1707": "message text too large",
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof ERROR_CATALOG;
