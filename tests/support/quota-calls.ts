/** What tests ask a chat about quotas, as a program outside would. */

/** Where a chat listens, and whose token its callers show; without one, its local tenant's. */
export type Door = Readonly<{ http: string; token?: string }>;

export type Turn = {
  state: string;
  text: string;
  reason: string;
  usage: { input_tokens: number; output_tokens: number };
  code?: string;
  details?: { reason?: string }[];
};

export type Quota = {
  scope: string;
  unit: string;
  limit: number;
  used: number;
  reserved: number;
  left: number;
};

const NOTHING: Quota = { scope: "", unit: "", limit: 0, used: 0, reserved: 0, left: 0 };

type Spent = { name: string; calls: number; input_tokens: number; output_tokens: number };

export async function post({ http, token }: Door, path: string, body: object): Promise<Response> {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  return fetch(`${http}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
}

export async function ask(door: Door, text: string, more: object = {}): Promise<Turn> {
  return (await (await post(door, "/chat", { text, ...more })).json()) as Turn;
}

export async function quotasOf(door: Door): Promise<Quota[]> {
  const response = await post(door, "/forerun.chat.v1.ChatService/GetQuota", {});
  // What is 0 is left out.
  const { quotas } = (await response.json()) as { quotas: Partial<Quota>[] };
  return quotas.map((quota) => ({ ...NOTHING, ...quota }));
}

export async function usageBy(door: Door, by: string): Promise<Spent[]> {
  const response = await post(door, "/forerun.chat.v1.ChatService/GetUsage", { by });
  const { rows = [] } = (await response.json()) as { rows?: Spent[] };
  return rows;
}

/** Tokens that the store has on record. */
export async function recorded(door: Door): Promise<number> {
  return sum((await usageBy(door, "model")).map((row) => row.input_tokens + row.output_tokens));
}

export function tokensOf({ usage }: Turn): number {
  return usage ? usage.input_tokens + usage.output_tokens : 0;
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
