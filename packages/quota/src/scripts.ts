import { script } from "@forerun/redis/script";

/**
 * The scripts over one tenant's keys: holds (id -> JSON of amounts by meter), ends (id scored by its expiry), held (sums by
 * meter), then two keys a meter: what is used in its window, and what was settled while that was not known.
 */
const COMMON = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local have = redis.call('EXISTS', KEYS[1], KEYS[2], KEYS[3])
if have > 0 and have < 3 then redis.call('DEL', KEYS[1], KEYS[2], KEYS[3]) end
local function amountsOf(id)
  local packed = redis.call('HGET', KEYS[1], id)
  return packed and cjson.decode(packed) or {}
end
local function drop(id)
  for meter, amount in pairs(amountsOf(id)) do redis.call('HINCRBY', KEYS[3], meter, -amount) end
  redis.call('HDEL', KEYS[1], id)
  redis.call('ZREM', KEYS[2], id)
end
local ended = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 1000)
for _, id in ipairs(ended) do drop(id) end
`;

/** A meter's six arguments: id, limit, window's start and end, what the record says (-1: not asked), then those of the script. */
const METERS = `
local count = (#KEYS - 3) / 2
local function inWindow(at) return now >= tonumber(ARGV[at + 2]) and now < tonumber(ARGV[at + 3]) end
`;

/** Milliseconds after which what is used is read from the record again: what a dead process did not settle is then in it. */
const READ_AGAIN_MS = 60_000;

/**
 * ARGV: hold, its milliseconds, then nine a meter: the five above, 1 where what is kept is not to be trusted, spent, want, least.
 * Gives "clock" and the time where a window is not that of the server's clock; "seed" and the places of meters that the record is
 * to be asked about; "refused", place, 1 where others hold some of it; or "held", expired holds, then grant and left a meter.
 */
export const RESERVE = script(`${COMMON}${METERS}
local id, ttl = ARGV[1], tonumber(ARGV[2])
local missing, used = {}, {}
for i = 1, count do
  local at = 3 + (i - 1) * 9
  if not inWindow(at) then return {'clock', now} end
  local key, late, seed = KEYS[2 + 2 * i], KEYS[3 + 2 * i], tonumber(ARGV[at + 4])
  if seed >= 0 then
    used[i] = seed + tonumber(redis.call('GET', late) or 0)
    redis.call('SET', key, used[i], 'PX', math.max(1, math.min(${READ_AGAIN_MS}, tonumber(ARGV[at + 3]) - now)))
  else
    used[i] = ARGV[at + 5] == '0' and tonumber(redis.call('GET', key)) or nil
    if not used[i] then missing[#missing + 1] = i end
  end
end
if #missing > 0 then return {'seed', unpack(missing)} end
local own, grants, reply = amountsOf(id), {}, {'held', #ended}
for i = 1, count do
  local at = 3 + (i - 1) * 9
  local meter = ARGV[at]
  local others = math.max(0, tonumber(redis.call('HGET', KEYS[3], meter) or 0) - (own[meter] or 0))
  local free = tonumber(ARGV[at + 1]) - used[i] - others
  if free < tonumber(ARGV[at + 8]) then return {'refused', i, others > 0 and 1 or 0} end
  local grant = math.max(tonumber(ARGV[at + 6]), math.min(tonumber(ARGV[at + 7]), free))
  grants[meter] = grant
  reply[#reply + 1] = grant
  reply[#reply + 1] = math.max(0, free - grant)
end
drop(id)
redis.call('HSET', KEYS[1], id, cjson.encode(grants))
redis.call('ZADD', KEYS[2], now + ttl, id)
for meter, amount in pairs(grants) do redis.call('HINCRBY', KEYS[3], meter, amount) end
for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], 2 * ttl) end
return reply
`);

/** Milliseconds for which what is settled is remembered, in case the record was read just before it was written. */
const LATE_MS = 10_000;

/** ARGV: hold, then six a meter: the five above and what was spent. Gives "clock" and the time, or "settled" and expired holds. */
export const SETTLE = script(`${COMMON}${METERS}
for i = 1, count do
  if not inWindow(2 + (i - 1) * 6) then return {'clock', now} end
end
drop(ARGV[1])
for i = 1, count do
  local key, late = KEYS[2 + 2 * i], KEYS[3 + 2 * i]
  local spent = ARGV[2 + (i - 1) * 6 + 5]
  if redis.call('EXISTS', key) == 1 then
    redis.call('INCRBY', key, spent)
  else
    redis.call('INCRBY', late, spent)
    redis.call('PEXPIRE', late, ${LATE_MS})
  end
end
return {'settled', #ended}
`);

/** ARGV: milliseconds, then holds. Makes them last, and gives those that are not there any more. */
export const RENEW = script(`${COMMON}
local gone = {}
for i = 2, #ARGV do
  if redis.call('HEXISTS', KEYS[1], ARGV[i]) == 1 then redis.call('ZADD', KEYS[2], now + ARGV[1], ARGV[i])
  else gone[#gone + 1] = ARGV[i] end
end
for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], 2 * ARGV[1]) end
return gone
`);

/** ARGV as SETTLE without a hold. Gives "clock" and the time, or "seed" and places, or "standing", then used and held a meter. */
export const LOOK = script(`${COMMON}${METERS}
local missing, reply = {}, {'standing'}
for i = 1, count do
  local at = 1 + (i - 1) * 5
  if not inWindow(at) then return {'clock', now} end
  local used = redis.call('GET', KEYS[2 + 2 * i])
  if not used and tonumber(ARGV[at + 4]) >= 0 then used = ARGV[at + 4] + tonumber(redis.call('GET', KEYS[3 + 2 * i]) or 0) end
  if not used then missing[#missing + 1] = i end
  reply[#reply + 1] = tonumber(used or 0)
  reply[#reply + 1] = math.max(0, tonumber(redis.call('HGET', KEYS[3], ARGV[at]) or 0))
end
if #missing > 0 then return {'seed', unpack(missing)} end
return reply
`);
