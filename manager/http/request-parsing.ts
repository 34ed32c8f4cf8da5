import type { FastifyInstance, FastifySchemaCompiler } from 'fastify'
import { type TSchema, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { Problem } from './problem.ts'

/**
 * Makes JSON the only media type of bodies; others are refused as 415. An empty body counts as no body,
 * because many clients send `content-type: application/json` with every POST.
 */
export function acceptJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  const decoder = new TextDecoder('utf-8', { fatal: true })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (body.length === 0) return done(null, undefined)
    try {
      parse(request, decoder.decode(body), done)
    } catch {
      done(new Problem('bad_request', 'The body is not UTF-8'))
    }
  })
}

/**
 * Compiles a schema to a validator of one part of a request. Only whole decimal numbers in a query are
 * converted: TypeBox's own conversion also makes numbers of `true`, `0x10` and an empty value.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const compiled = Compile(schema)
  return (value: unknown) => {
    const converted = httpPart === 'querystring' ? withIntegers(schema, value) : value
    return compiled.Check(converted) ? { value: converted } : { error: compiled.Errors(converted) as never }
  }
}

const integerExpression = /^-?(?:0|[1-9]\d{0,14})$/

/** Returns the query with numbers in the fields that the schema declares as integers. */
function withIntegers(schema: TSchema, query: unknown): unknown {
  if (!Type.IsObject(schema) || typeof query !== 'object' || query === null) return query
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => {
      const property = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
      const isInteger = Type.IsInteger(property) && typeof value === 'string' && integerExpression.test(value)
      return [name, isInteger ? Number(value) : value]
    }),
  )
}

/**
 * Parses a date-time (RFC 3339). Returns ms since the epoch. A leap second, which JavaScript cannot parse,
 * counts as the second after it.
 */
export function timeOf(text: string): number {
  const leap = text.replace(/:60(?=[.Zz+-])/, ':59')
  return Date.parse(leap) + (leap === text ? 0 : 1000)
}
