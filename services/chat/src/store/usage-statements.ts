/** The statements that read what was used. Row-level security keeps each to the caller's tenant; sums of int8 come as text. */
import type { Statement } from "@forerun/db/database";

export type UsedRow = { used: string };

/** In the unit $1, since $2, of the subject $3 and of the model $4 where they are given. */
export const USED_SINCE: Statement = {
  name: "chat.used_since",
  text: `
select coalesce(sum(case $1::text when 'tokens' then input_tokens + output_tokens else cost_micros end), 0)::text as used
from chat.usage
where at >= $2::timestamptz and ($3::text is null or subject = $3::text)
  and ($4::text is null or (kind = 'model' and name = $4::text))`,
};

export type UsageSumRow = {
  name: string;
  calls: string;
  input_tokens: string;
  output_tokens: string;
  cost_micros: string;
};

/** Since $2: by model, tool, user or day ($1). Calls are those of models, or of tools where that is asked for. */
export const USAGE_SUMS: Statement = {
  name: "chat.usage_sums",
  text: `
select name, sum(calls)::text as calls, sum(input_tokens)::text as input_tokens, sum(output_tokens)::text as output_tokens,
  sum(cost_micros)::text as cost_micros
from (
  select case $1::text when 'user' then subject when 'day' then to_char(at at time zone 'UTC', 'YYYY-MM-DD') else name end as name,
    calls, input_tokens, output_tokens, cost_micros
  from chat.usage
  where at >= $2::timestamptz and kind = case $1::text when 'tool' then 'tool' else 'model' end
) rows
group by name
order by case $1::text when 'day' then name end, sum(input_tokens + output_tokens) desc, sum(calls) desc, name
limit 1000`,
};

export type ReplicasRow = { replicas: number };

export const LIVE_REPLICAS: Statement = {
  name: "chat.live_replicas",
  text: "select count(*)::int as replicas from chat.replicas where expires > now()",
};
