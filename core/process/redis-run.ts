/**
 * Beginning of Redis scripts that need to know this run of Redis: its id differs after each restart. A mirror
 * that was written in an earlier run may be older than what a manager wrote last.
 */
export const readRunId = `
local runId = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''`
