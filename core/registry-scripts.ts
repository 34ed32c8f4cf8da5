// What the live registry does in Redis in one step, so that nobody comes between reading and writing.

/** Sets KEYS[1] to ARGV[2] for ARGV[3] ms unless it holds a record of a newer epoch than ARGV[1]. */
export const putUnlessOlder = `
local held = redis.call('GET', KEYS[1])
if held and cjson.decode(held).epoch > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`

/** Deletes KEYS[1] if it holds ARGV[1]; or, with ARGV[2], prolongs it by so many ms. */
export const ifHeld = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) else redis.call('DEL', KEYS[1]) end
return 1`
