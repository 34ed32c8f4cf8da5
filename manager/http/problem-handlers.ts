import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply } from 'fastify'
import { addressMessage, addressPattern } from '../../core/api/playback-token.ts'
import { type FieldError, type ProblemCode, problemMediaType, problems } from '../../core/api/problem.ts'
import type { LimitedLog } from '../../core/process/log.ts'
import { Problem, problemBody } from './problem.ts'
import { requestIdHeader } from './request-id.ts'

/**
 * Sends the response to a request that failed. Only unexpected errors are logged; their code is `internal`.
 */
export function answerError(
  error: unknown,
  reply: FastifyReply,
  log: Pick<LimitedLog, 'error'>,
): FastifyReply {
  const problem = problemOf(error)
  const requestId = reply.request.id
  if (problem.code === 'internal') log.error({ err: error, requestId }, 'request failed')
  return sendProblem(reply, problem)
}

/** Problem codes by the error codes of node:http. Any other error is a `bad_request`. */
const codeOfParser: Partial<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
}

/**
 * Handles a connection whose bytes Node could not parse as HTTP/1.1, or which timed out before a request was
 * complete. There is no request object at that point, so the response is written by hand.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const code = codeOfParser[error.code ?? ''] ?? 'bad_request'
  const { status, title } = problems[code]
  const detail = code === 'bad_request' ? 'This is not an HTTP/1.1 request' : title
  const body = JSON.stringify(problemBody(new Problem(code, detail)))
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${problemMediaType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  // `end` alone would leave the connection open until the client closes it.
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}

/** Path of a request that a problem repeats. Others are too long or not a URI. */
const plainPath = /^\/[\x21-\x7e]{0,255}$/

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', problem.retryAfterSeconds)
  const { id: requestId, url } = reply.request
  const [instance = ''] = url.split('?', 1)
  const request = { requestId, ...(plainPath.test(instance) ? { instance } : {}) }
  return reply
    .code(problems[problem.code].status)
    .header('content-type', problemMediaType)
    .header('cache-control', 'no-store')
    .header(requestIdHeader, requestId)
    .send(JSON.stringify(problemBody(problem, request)))
}

/** Problems by the error codes of Fastify, each with its detail. */
const problemOfFramework: Partial<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large', problems.body_too_large.title],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'The request body must be JSON'],
}

/** Names of the parameters that take a cursor. */
const cursorFields = new Set(['cursor', 'after', 'last-event-id'])

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  const { validation, validationContext, code, statusCode, message } = error as FastifyError
  if (validation !== undefined) {
    const fieldErrors = fieldErrorsOf(validation, validationContext ?? 'request')
    if (fieldErrors.every(({ field }) => cursorFields.has(field))) return badCursor(fieldErrors)
    const detail = fieldErrors.map(({ field, message }) => `${field}: ${message}`).join('; ')
    return new Problem('validation_failed', detail || 'the request is invalid', { fieldErrors })
  }
  const known = problemOfFramework[code]
  if (known !== undefined) return new Problem(...known)
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new Problem(statusCode === 404 ? 'not_found' : 'bad_request', message)
  return new Problem('internal', 'Unexpected error; see the log of the manager', { cause: error })
}

const badCursor = (fieldErrors: readonly FieldError[]) =>
  new Problem(
    'bad_cursor',
    'Use the nextCursor of the same list unchanged, or no cursor for the first page',
    { fieldErrors },
  )

interface SchemaError {
  keyword: string
  instancePath: string
  message?: string
  params: Record<string, unknown>
}

/** Maximum number of field errors in a response. A request may have any number of unknown fields. */
const maxFieldErrors = 10

/**
 * Returns the first error of each invalid field. `part` is the invalid part of the request, such as `body`.
 * Clients choose field names, so a name is cut to 64 characters.
 */
function fieldErrorsOf(errors: readonly SchemaError[], part: string): FieldError[] {
  const byField = new Map<string, FieldError>()
  for (const error of errors)
    for (const { field, message } of blame(error)) {
      const name = field.slice(0, 64) || part
      if (byField.size < maxFieldErrors && !byField.has(name))
        byField.set(name, { in: part, field: name, message })
    }
  return [...byField.values()]
}

/**
 * Returns the fields that one schema error is about. For unknown and missing fields, `instancePath` is the
 * object that should or should not contain them, and `params` has their names.
 */
function blame({ instancePath, keyword, message, params }: SchemaError): Omit<FieldError, 'in'>[] {
  const path = instancePath.split('/').filter(Boolean)
  const each = (names: unknown, message: string) =>
    (Array.isArray(names) ? names : []).map((name) => ({ field: [...path, name].join('.'), message }))
  switch (keyword) {
    case 'additionalProperties':
      return each(params.additionalProperties, 'is not a field of this request')
    // TypeBox reports this for an unknown field in addition to `additionalProperties`.
    case 'boolean':
      return []
    case 'required':
      return each(params.requiredProperties, 'is missing')
    case 'pattern':
      return [{ field: path.join('.'), message: patternMessage(String(params.pattern), message) }]
    case 'enum':
      return [{ field: path.join('.'), message: `must be one of ${String(params.allowedValues)}` }]
    default:
      return [{ field: path.join('.'), message: message ?? 'is invalid' }]
  }
}

/** Maximum length of a pattern that is shown to clients, characters. Longer ones explain nothing. */
const maxShownPattern = 120

const patternMessage = (pattern: string, message = 'is invalid') =>
  pattern === addressPattern
    ? addressMessage
    : pattern.length > maxShownPattern
      ? 'has the wrong form'
      : message
