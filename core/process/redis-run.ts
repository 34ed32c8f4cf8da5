/**
 * First lines of Redis scripts that need the id of this run of Redis, which changes with each restart. A
 * mirror that was written in an earlier run may be outdated, because a restart can lose the last writes.
 */
export const readRunId = `
local runId = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''`
