import { type Static, type TSchema, type TUnsafe, Type } from 'typebox'
import { sessionIdPattern, slugPattern } from '../contracts/id-patterns.ts'

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** Schema of a point in time (RFC 3339). Responses use UTC. */
export const Time = (description: string) => Type.String({ format: 'date-time', description })

export const Slug = (description: string) => Type.String({ pattern: slugPattern, description })

export const SessionId = (description: string) => Type.String({ pattern: sessionIdPattern, description })

/** Headers of calls that change or delete a resource with an `ETag`. */
export const IfMatch = Type.Object({
  'if-match': Type.Optional(
    Type.String({ description: '`ETag` of the resource as it was read; 412 if it was changed since' }),
  ),
})

/**
 * Query parameters that every list accepts. `cursorPattern` matches only the cursors of that list, so that a
 * cursor of another list is refused.
 */
export const listQuery = (cursorPattern: string) => ({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  cursor: Type.Optional(
    Type.String({ pattern: cursorPattern, description: '`nextCursor` of the previous page, unchanged' }),
  ),
})

export const listPageOf = <T extends TSchema>(item: T) =>
  Type.Object({
    items: Type.Array(item),
    nextCursor: Nullable(Type.String({ description: 'null on the last page' })),
  })

export type ListPage<Item> = Static<ReturnType<typeof listPageOf<TUnsafe<Item>>>>
