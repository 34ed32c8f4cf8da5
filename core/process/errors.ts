/** Code of an expected error: what kind it is. The message says what the operator must do. */
export type ErrorCode =
  | 'bad_request'
  | 'bad_settings'
  | 'channel_busy'
  | 'conflict'
  | 'internal'
  | 'not_found'
  | 'timeout'
  | 'unauthorized'
  | 'unavailable'

/** An expected error. Its `message` may be shown to users and contains no secret. */
export class NowcastError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'NowcastError'
    this.code = code
  }
}

/** Returns the message of a thrown value, which need not be an Error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
