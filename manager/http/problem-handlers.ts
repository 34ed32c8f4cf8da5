import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import {
  type FieldError,
  Problem,
  type ProblemCode,
  problemBody,
  problemMediaType,
  problems,
} from './problems.ts'

/** Answers whatever was thrown; only what nobody expected is logged as an error. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error)
  if (problem.code === 'internal') request.log.error({ err: error }, 'request failed')
  return sendProblem(reply, problem)
}

export function answerNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendProblem(reply, new Problem('not_found', `${request.method} is not answered at this path`))
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', problem.retryAfterSeconds)
  return reply
    .code(problems[problem.code].status)
    .header('content-type', problemMediaType)
    .header('cache-control', 'no-store')
    .send(JSON.stringify(problemBody(problem)))
}

const codeOfFramework: Partial<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  const { validation, validationContext, code, statusCode, message } = error as FastifyError
  if (validation !== undefined) {
    const fieldErrors = fieldErrorsOf(validation, validationContext ?? 'request')
    const detail = fieldErrors.map(({ field, message }) => `${field}: ${message}`).join('; ')
    return new Problem('validation_failed', detail || 'the request is not valid', { fieldErrors })
  }
  const known = codeOfFramework[code]
  if (known !== undefined) return new Problem(known, problems[known].title)
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new Problem(statusCode === 404 ? 'not_found' : 'bad_request', message)
  return new Problem('internal', 'The manager met an unexpected error; its log says more', { cause: error })
}

interface SchemaError {
  keyword: string
  instancePath: string
  message?: string
  params: Record<string, unknown>
}

/** A request that is wrong in more ways hears of the first so many. */
const maxFieldErrors = 10

/** One error for each field that is wrong. */
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

/** The fields that one schema error is about: unknown and missing ones stand in its parameters. */
function blame({ instancePath, keyword, message, params }: SchemaError): Omit<FieldError, 'in'>[] {
  const path = instancePath.split('/').filter(Boolean)
  const each = (names: unknown, message: string) =>
    (Array.isArray(names) ? names : []).map((name) => ({ field: [...path, name].join('.'), message }))
  switch (keyword) {
    case 'additionalProperties':
      return each(params.additionalProperties, 'is not a field of this request')
    // What TypeBox says of an unknown field before it says `additionalProperties`.
    case 'boolean':
      return []
    case 'required':
      return each(params.requiredProperties, 'is missing')
    case 'enum':
      return [{ field: path.join('.'), message: `must be one of ${String(params.allowedValues)}` }]
    default:
      return [{ field: path.join('.'), message: message ?? 'is not valid' }]
  }
}
