import { type FieldError, type ProblemBody, type ProblemCode, problems } from '../../core/api/problem.ts'

interface ProblemOptions extends ErrorOptions {
  fieldErrors?: readonly FieldError[]
  retryAfterSeconds?: number
}

/** A failure that becomes a response. `detail` is sent to the client, so it must not contain a secret. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly fieldErrors: readonly FieldError[]
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: ProblemCode,
    detail: string,
    { fieldErrors = [], retryAfterSeconds, cause }: ProblemOptions = {},
  ) {
    super(detail, { cause })
    this.name = 'Problem'
    this.code = code
    this.fieldErrors = fieldErrors
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/**
 * Returns the problem details of RFC 9457. `code`, `requestId`, `field` and `errors` are extension members.
 * `request`: the id and the path of the request, if it could be read.
 */
export function problemBody(
  { code, message, fieldErrors }: Problem,
  request: Pick<ProblemBody, 'instance' | 'requestId'> = {},
): ProblemBody {
  const { status, title } = problems[code]
  const [first] = fieldErrors
  return {
    type: `urn:nowcast:problem:${code}`,
    title,
    status,
    detail: message,
    code,
    ...request,
    ...(first ? { field: first.field, errors: [...fieldErrors] } : {}),
  }
}
