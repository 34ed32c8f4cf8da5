/** Name of the BullMQ queue, and the prefix of BullMQ's keys in Redis. */
export const transcodeQueue = 'transcode'
export const queuePrefix = 'nowcast'

/**
 * One session to transcode. A transcoder reads the rest from the live registry, because a copy in the job
 * could be outdated.
 */
export interface TranscodeJob {
  sessionId: string
}

/** Returns the id of a job. BullMQ ignores a second job with the same id. */
export const transcodeJobId = (sessionId: string, attempt: number) => `${sessionId}-${attempt}`
