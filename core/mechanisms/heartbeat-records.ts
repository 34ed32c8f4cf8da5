import { type Redis, redisPrefix } from '../process/redis.ts'

export interface HeartbeatRecordsOptions {
  /** Key of a sorted set of record ids. The score is when the record lapses, ms of the clock of Redis. */
  index: string
  /** Prefix of the key of a record, before its id. */
  prefix: string
  /** Time that a record stays listed after it was last written, ms. Owners write several times in it. */
  ttlMs: number
  /** Time that a record stays readable by its id after it was last written, ms; `ttlMs` by default. */
  keptMs?: number
}

/**
 * Key that scripts try to write before they read. The write changes nothing, because the key exists already.
 * It fails while Redis is read-only, out of memory or cannot write to its disk.
 */
const writeProbeKey = `${redisPrefix}write-probe`

/**
 * First lines of scripts that need the time by the clock of Redis, ms. The clocks of roles differ, so none of
 * them decides what has lapsed.
 */
const readTime = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`

/**
 * First lines of scripts that read. While Redis takes no writes, records lapse although their owners are
 * alive, so what Redis returns says nothing about what is live. The script then fails as if Redis was away.
 */
const readIfWritable = `
redis.call('SET', '${writeProbeKey}', '1', 'NX')
${readTime}`

/**
 * Writes the record KEYS[1] = ARGV[1] for ARGV[2] ms, and lists the id ARGV[4] in KEYS[2] for ARGV[3] ms.
 * Writes nothing and returns 0 when the record in Redis has a higher number in the field ARGV[5] or, with
 * ARGV[6], when that number is not exactly one lower. After a step back of the clock, records may be listed
 * for longer than ARGV[3] ms. Their time is shortened, so that records without an owner do not stay listed.
 */
const putScript = `
if ARGV[5] ~= '' then
  local held = redis.call('GET', KEYS[1])
  local former = held and (cjson.decode(held)[ARGV[5]] or 0)
  local own = cjson.decode(ARGV[1])[ARGV[5]] or 0
  if former and former > own then return 0 end
  if ARGV[6] and former ~= own - 1 then return 0 end
end
${readTime}
local lapsesAt = now + ARGV[3]
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('ZADD', KEYS[2], lapsesAt, ARGV[4])
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. lapsesAt, '+inf')) do
  redis.call('ZADD', KEYS[2], lapsesAt, id)
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. now)
return 1`

const getScript = `
${readIfWritable}
return redis.call('GET', KEYS[1])`

/** Returns the record KEYS[1] if its id ARGV[1] is listed in KEYS[2]. */
const getListedScript = `
${readIfWritable}
local lapsesAt = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not lapsesAt or tonumber(lapsesAt) < now then return false end
return redis.call('GET', KEYS[1])`

/** Returns the time since the record with the id ARGV[1] was written, ms; its time to live is ARGV[2]. */
const ageScript = `
${readIfWritable}
local lapsesAt = redis.call('ZSCORE', KEYS[1], ARGV[1])
return lapsesAt and math.max(0, now + ARGV[2] - lapsesAt)`

/** Deletes the record KEYS[1], and its id ARGV[1] in KEYS[2], unless its field ARGV[2] is above ARGV[3]. */
const removeScript = `
local held = ARGV[2] ~= '' and redis.call('GET', KEYS[1])
if held and (cjson.decode(held)[ARGV[2]] or 0) > tonumber(ARGV[3]) then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
return 1`

const idsScript = `
${readIfWritable}
return redis.call('ZRANGEBYSCORE', KEYS[1], now, '+inf')`

/** Returns the listed records, whose keys begin with ARGV[1]. */
const allScript = `
${readIfWritable}
local found = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], now, '+inf')) do
  local record = redis.call('GET', ARGV[1] .. id)
  if record then found[#found + 1] = record end
end
return found`

/**
 * JSON records in Redis that lapse when their owners stop writing them. With the index, a listing need not
 * scan the keys of Redis. Each method is one command and rejects while Redis is away. Reads also reject while
 * Redis takes no writes, because owners then cannot refresh their records.
 */
export function createHeartbeatRecords<Value extends object>(
  redis: Redis,
  { index, prefix, ttlMs, keptMs = ttlMs }: HeartbeatRecordsOptions,
) {
  const parse = (json: unknown) => JSON.parse(json as string) as Value
  const parseFound = (json: unknown) => (json === null ? undefined : parse(json))

  async function write(id: string, value: Value, ...order: string[]): Promise<boolean> {
    const json = JSON.stringify(value)
    return (await redis.eval(putScript, 2, prefix + id, index, json, keptMs, ttlMs, id, ...order)) === 1
  }

  return {
    async put(id: string, value: Value): Promise<void> {
      await write(id, value, '')
    },

    /**
     * Writes a record, unless the record in Redis has a higher number in `orderField`. Returns whether it was
     * written.
     */
    putUnlessOlder: (id: string, value: Value, orderField: keyof Value & string): Promise<boolean> =>
      write(id, value, orderField),

    /**
     * Writes a record whose number in `orderField` is one higher than that of the record in Redis. Returns
     * false, and writes nothing, when there is no such record: only one of several writers succeeds.
     */
    putNext: (id: string, value: Value, orderField: keyof Value & string): Promise<boolean> =>
      write(id, value, orderField, 'next'),

    async remove(id: string): Promise<void> {
      await redis.eval(removeScript, 2, prefix + id, index, id, '')
    },

    /** Removes a record, unless its number in `orderField` is above `order`. Returns false if it is. */
    removeUnlessNewer: async (id: string, order: number, orderField: keyof Value & string) =>
      (await redis.eval(removeScript, 2, prefix + id, index, id, orderField, order)) === 1,

    /** Returns a record, even one that has lapsed but is still kept; undefined when there is none. */
    get: async (id: string): Promise<Value | undefined> =>
      parseFound(await redis.eval(getScript, 1, prefix + id)),

    /** Returns a record that has not lapsed; undefined when there is none. */
    getListed: async (id: string): Promise<Value | undefined> =>
      parseFound(await redis.eval(getListedScript, 2, prefix + id, index, id)),

    /** Returns the time since a record was last written, ms; undefined when it is not listed. */
    ageMs: async (id: string): Promise<number | undefined> =>
      ((await redis.eval(ageScript, 1, index, id, ttlMs)) as number | null) ?? undefined,

    /** Returns the ids of the records that have not lapsed. */
    ids: async (): Promise<string[]> => (await redis.eval(idsScript, 1, index)) as string[],

    /** Returns the records that have not lapsed. */
    all: async (): Promise<Value[]> =>
      ((await redis.eval(allScript, 1, index, prefix)) as unknown[]).map(parse),
  }
}
