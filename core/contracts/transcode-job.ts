/** Name of the BullMQ queue, and the prefix of BullMQ's keys in Redis. */
export const transcodeQueue = 'transcode'
export const queuePrefix = 'nowcast'

/**
 * One session to transcode. Everything else is in the live registry, where it is newer than a job could be.
 */
export interface TranscodeJob {
  sessionId: string
}

/** BullMQ ignores a second job of the same id, so a session is queued once per attempt. */
export const transcodeJobId = (sessionId: string, attempt: number) => `${sessionId}-${attempt}`
