/** Problem details of a failed call (RFC 9457). */
export interface Problem {
  type?: string
  title?: string
  status?: number
  detail?: string
  /** Names the error for programs. */
  code?: string
  instance?: string
  requestId?: string
  /** The first invalid field. */
  field?: string
  errors?: readonly { in: string; field: string; message: string }[]
}

/** A response of the API that is not a success. The message is for people. */
export class ProblemError extends Error {
  /** HTTP status of the response. */
  readonly status: number
  /** Code of the problem; `unknown` when the response has none, for example that of a proxy. */
  readonly code: string
  /** Id of the request, which the log of the manager has too. */
  readonly requestId: string | undefined
  /** Time to wait before the next attempt, seconds. */
  readonly retryAfterSeconds: number | undefined
  readonly problem: Problem

  constructor({ status, headers }: Pick<Response, 'status' | 'headers'>, body: unknown) {
    const problem: Problem = typeof body === 'object' && body !== null ? body : {}
    super(problem.detail ?? problem.title ?? `The response has the status ${status}`)
    this.name = 'ProblemError'
    this.status = status
    this.code = problem.code ?? 'unknown'
    this.requestId = headers.get('x-request-id') ?? problem.requestId
    this.retryAfterSeconds = secondsOf(headers.get('retry-after'))
    this.problem = problem
  }
}

/** Parses `Retry-After`: seconds, or a date. Returns undefined when it is neither. */
function secondsOf(header: string | null): number | undefined {
  if (header === null) return undefined
  if (/^\d+$/.test(header)) return Number(header)
  const time = Date.parse(header)
  return Number.isNaN(time) ? undefined : Math.max(0, Math.ceil((time - Date.now()) / 1000))
}
