import { isSessionId, isSlug } from '../../core/contracts/id-patterns.ts'
import type { SessionPlace } from '../store/sessions.ts'
import { Problem } from './problems.ts'

const encode = (place: unknown[]) => Buffer.from(JSON.stringify(place)).toString('base64url')

/** Reads what `encode` wrote; undefined when it is anything else. */
function decode(cursor: string): unknown[] | undefined {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(place) && encode(place) === cursor ? place : undefined
  } catch {
    return undefined
  }
}

const badCursor = () =>
  new Problem('bad_cursor', 'Use the nextCursor of the same list as it is, or none for the first page', {
    fieldErrors: [{ in: 'querystring', field: 'cursor', message: 'is not a cursor of this list' }],
  })

/** The cursor after a channel of the list. */
export const channelCursor = (slug: string) => encode(['c', slug])

/** The slug in a cursor. @throws Problem `bad_cursor` */
export function readChannelCursor(cursor: string): string {
  const [kind, slug, ...rest] = decode(cursor) ?? []
  if (kind !== 'c' || typeof slug !== 'string' || !isSlug(slug) || rest.length > 0) throw badCursor()
  return slug
}

/** The cursor after a session of the list. */
export const sessionCursor = ({ startedAt, id }: SessionPlace) => encode(['s', startedAt, id])

/** The place in a cursor. @throws Problem `bad_cursor` */
export function readSessionCursor(cursor: string): SessionPlace {
  const [kind, startedAt, id, ...rest] = decode(cursor) ?? []
  if (kind !== 's' || rest.length > 0) throw badCursor()
  if (!Number.isSafeInteger(startedAt) || typeof id !== 'string' || !isSessionId(id)) throw badCursor()
  return { startedAt: Number(startedAt), id }
}
