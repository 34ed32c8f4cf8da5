/** Every error the manager answers with: its code, status and title. The detail says what happened this time. */
export const problems = {
  validation_failed: { status: 400, title: 'The request does not have the form that is asked for' },
  bad_request: { status: 400, title: 'The request could not be read' },
  bad_cursor: { status: 400, title: 'The cursor is not one that this list gave' },
  unauthorized: { status: 401, title: 'The admin token is missing or wrong' },
  not_found: { status: 404, title: 'There is nothing here' },
  channel_not_found: { status: 404, title: 'There is no such channel' },
  session_not_found: { status: 404, title: 'There is no such session' },
  slug_taken: { status: 409, title: 'Another channel has this slug' },
  channel_changed: { status: 409, title: 'The channel was changed by somebody else at the same time' },
  session_ended: { status: 409, title: 'The session has ended already' },
  too_many_revocations: { status: 409, title: 'Too many tokens are revoked one by one' },
  body_too_large: { status: 413, title: 'The request body is too large' },
  unsupported_media_type: { status: 415, title: 'The request body must be JSON' },
  too_many_attempts: { status: 429, title: 'Too many wrong tokens from this address' },
  key_unreadable: { status: 500, title: 'The stream key cannot be read' },
  internal: { status: 500, title: 'Something went wrong here' },
  redis_unavailable: { status: 503, title: 'Redis does not answer' },
  revocation_pending: { status: 503, title: 'The change is stored but does not hold yet' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemCode = keyof typeof problems

/** One field that is wrong, and how. */
export interface FieldError {
  in: string
  field: string
  message: string
}

/** An answer as RFC 9457 defines it, with `code` for programs and, where a field is to blame, which. */
export interface ProblemBody {
  type: string
  title: string
  status: number
  detail: string
  code: ProblemCode
  field?: string
  errors?: FieldError[]
}

/** An expected failure; `detail` is fit for the client and holds no secret. */
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

interface ProblemOptions extends ErrorOptions {
  fieldErrors?: readonly FieldError[]
  retryAfterSeconds?: number
}

/** The body of an answer. */
export function problemBody({ code, message, fieldErrors }: Problem): ProblemBody {
  const { status, title } = problems[code]
  const [first] = fieldErrors
  return {
    type: `urn:nowcast:problem:${code}`,
    title,
    status,
    detail: message,
    code,
    ...(first ? { field: first.field, errors: [...fieldErrors] } : {}),
  }
}

export const problemMediaType = 'application/problem+json; charset=utf-8'
