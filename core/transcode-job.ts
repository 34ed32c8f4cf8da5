/** Name of the BullMQ queue, and the prefix of its keys in Redis. */
export const transcodeQueue = 'transcode'
export const queuePrefix = 'nowcast'

/** One session to transcode. Everything else stands in the live registry, always newer than a job could be. */
export interface TranscodeJob {
  sessionId: string
}

/** Id of the job for a session; the same session is never queued twice under one attempt. */
export const transcodeJobId = (sessionId: string, attempt: number) => `${sessionId}-${attempt}`
