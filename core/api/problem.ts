import { type Static, Type } from 'typebox'

/**
 * Every error of the API by its code (RFC 9457). The title is the same for all occurrences; the `detail` of a
 * response describes one occurrence.
 */
export const problems = {
  validation_failed: { status: 400, title: 'Request validation failed' },
  bad_request: { status: 400, title: 'Malformed request' },
  slate_unusable: { status: 400, title: 'Slate cannot be used' },
  webhook_url_refused: { status: 400, title: 'URL of the webhook refused' },
  bad_cursor: { status: 400, title: 'Invalid cursor' },
  wrong_password: { status: 400, title: 'Password wrong' },
  wrong_code: { status: 400, title: 'Code wrong' },
  unauthorized: { status: 401, title: 'Not signed in, or token invalid' },
  second_factor_required: { status: 401, title: 'Code of the second factor missing' },
  sign_in_failed: { status: 401, title: 'E-mail address or password wrong' },
  forbidden: { status: 403, title: 'Not permitted' },
  sign_in_again: { status: 403, title: 'Password must be entered again' },
  cross_site: { status: 403, title: 'Request of another site' },
  sign_up_closed: { status: 403, title: 'Sign-up closed' },
  not_found: { status: 404, title: 'Not found' },
  channel_not_found: { status: 404, title: 'Channel not found' },
  slate_not_found: { status: 404, title: 'Channel has no slate' },
  session_not_found: { status: 404, title: 'Session not found' },
  account_not_found: { status: 404, title: 'Account not found' },
  token_not_found: { status: 404, title: 'API token not found' },
  invitation_not_found: { status: 404, title: 'Invitation not found' },
  sign_in_not_found: { status: 404, title: 'Sign-in not found' },
  role_not_found: { status: 404, title: 'Account has no role on this channel' },
  link_gone: { status: 404, title: 'Link used, expired or unknown' },
  webhook_not_found: { status: 404, title: 'Webhook not found' },
  delivery_not_found: { status: 404, title: 'Delivery not found' },
  coach_not_found: { status: 404, title: 'Coach page not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed at this path' },
  request_timeout: { status: 408, title: 'Request not complete in time' },
  slug_taken: { status: 409, title: 'Slug already in use' },
  email_taken: { status: 409, title: 'E-mail address already in use' },
  last_owner: { status: 409, title: 'The last owner must stay' },
  too_many_tokens: { status: 409, title: 'Too many API tokens' },
  too_many_links: { status: 409, title: 'Too many unused links' },
  too_many_roles: { status: 409, title: 'Too many roles on channels' },
  channel_changed: { status: 409, title: 'Channel changed by another request' },
  session_ended: { status: 409, title: 'Session has already ended' },
  too_many_revocations: { status: 409, title: 'Too many individually revoked tokens' },
  idempotency_key_in_use: { status: 409, title: 'Request with this Idempotency-Key not finished' },
  too_many_webhooks: { status: 409, title: 'Too many webhooks' },
  webhook_disabled: { status: 409, title: 'Webhook is disabled' },
  precondition_failed: { status: 412, title: 'Changed since it was read' },
  body_too_large: { status: 413, title: 'Request body too large' },
  unsupported_media_type: { status: 415, title: 'Media type of the request body not supported' },
  idempotency_key_reused: { status: 422, title: 'Idempotency-Key already used' },
  headers_too_large: { status: 431, title: 'Request headers too large' },
  too_many_attempts: { status: 429, title: 'Too many failed attempts from this address' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  key_unreadable: { status: 500, title: 'Stream key cannot be decrypted' },
  internal: { status: 500, title: 'Internal error' },
  sign_in_busy: { status: 503, title: 'Too many sign-ins at this moment' },
  too_many_streams: { status: 503, title: 'Too many streams of events' },
  redis_unavailable: { status: 503, title: 'Redis unavailable' },
  revocation_pending: { status: 503, title: 'Change stored but not yet in effect' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemCode = keyof typeof problems

export const problemMediaType = 'application/problem+json; charset=utf-8'

const FieldErrorBody = Type.Object({ in: Type.String(), field: Type.String(), message: Type.String() })

const ProblemSchema = Type.Object(
  {
    type: Type.String({ format: 'uri' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.Optional(Type.String({ description: 'path of the request' })),
    code: Type.Unsafe<ProblemCode>(Type.String({ description: 'for programs' })),
    requestId: Type.Optional(Type.String({ description: '`X-Request-Id` of the response; in the log' })),
    field: Type.Optional(Type.String({ description: 'the first invalid field' })),
    errors: Type.Optional(Type.Array(FieldErrorBody)),
  },
  { description: 'RFC 9457' },
)

export type FieldError = Static<typeof FieldErrorBody>

/** Error response (RFC 9457). `errors` has one item for each invalid field of the request. */
export type ProblemBody = Static<typeof ProblemSchema>

/** Errors that the OpenAPI document lists for every route. */
const commonProblems = ['bad_request', 'validation_failed', 'internal'] as const
/** Errors of routes with a method other than GET, whose requests may have a body. */
const bodyProblems = ['body_too_large', 'unsupported_media_type'] as const
/** Errors of routes that require a sign-in or a token. */
const tokenProblems = ['unauthorized', 'forbidden', 'too_many_attempts', 'too_many_requests'] as const

/** Returns the error responses of a route that is open to every client, for the OpenAPI document. */
export const publicProblems = (...codes: ProblemCode[]) => responsesOf([...commonProblems, ...codes])

/** Returns the error responses of a GET route that requires a sign-in or a token. */
export const readProblems = (...codes: ProblemCode[]) => publicProblems(...tokenProblems, ...codes)

/**
 * Returns the error responses of a route with a method other than GET that requires a sign-in or a token.
 */
export const writeProblems = (...codes: ProblemCode[]) =>
  readProblems('cross_site', ...bodyProblems, ...codes)

/** Returns the error responses of a route with a method other than GET that is open to every client. */
export const openWriteProblems = (...codes: ProblemCode[]) =>
  publicProblems('cross_site', ...bodyProblems, ...codes)

/** Returns the responses of a route with those of further errors. */
export function addProblems(responses: object = {}, ...codes: ProblemCode[]): object {
  const added = Object.entries(responsesOf(codes)).map(([status, response]) => {
    const former: unknown = Object.entries(responses).find(([known]) => known === status)?.[1]
    const isKnown = typeof former === 'object' && former !== null && 'description' in former
    const description = isKnown ? `${former.description}; ${response.description}` : response.description
    return [status, { ...response, description }]
  })
  return { ...responses, ...Object.fromEntries(added) }
}

/** Returns responses by status, each with the description of its codes. */
function responsesOf(codes: readonly ProblemCode[]) {
  const byStatus = Map.groupBy(codes, (code) => problems[code].status)
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\`: ${problems[code].title}`).join('; '),
        content: { 'application/problem+json': { schema: ProblemSchema } },
      },
    ]),
  )
}
