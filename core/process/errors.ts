/** Kinds of expected errors, for programs. */
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

/** An expected error. `message` is fit for users and never contains a secret. */
export class NowcastError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'NowcastError'
    this.code = code
  }
}

/** Text of anything that was thrown, which need not be an Error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
