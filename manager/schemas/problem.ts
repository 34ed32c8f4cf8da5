import { Type } from 'typebox'
import { type ProblemCode, problems } from '../http/problems.ts'

const FieldErrorBody = Type.Object({ in: Type.String(), field: Type.String(), message: Type.String() })

const ProblemSchema = Type.Object(
  {
    type: Type.String({ format: 'uri' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String({ description: 'for programs' }),
    field: Type.Optional(Type.String({ description: 'the first field that is wrong' })),
    errors: Type.Optional(Type.Array(FieldErrorBody)),
  },
  { description: 'RFC 9457' },
)

/** Responses of a route that may fail with these codes, for the OpenAPI document. */
export function problemResponses(...codes: ProblemCode[]) {
  const byStatus = Map.groupBy(
    ['unauthorized', 'too_many_attempts', ...codes] as const,
    (code) => problems[code].status,
  )
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
