import { isSessionId, isSlug } from '../../core/contracts/id-patterns.ts'
import type { SessionPlace } from '../store/sessions.ts'
import { Problem } from './problem.ts'

/**
 * Cursors are opaque to clients. The first item of `place` names the list, so that a cursor of another list
 * is refused.
 */
const encode = (place: unknown[]) => Buffer.from(JSON.stringify(place)).toString('base64url')

/**
 * Returns undefined for any text that `encode` does not produce, including another spelling of the same
 * place.
 */
function decode(cursor: string): unknown[] | undefined {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(place) && encode(place) === cursor ? place : undefined
  } catch {
    return undefined
  }
}

const badCursor = () =>
  new Problem(
    'bad_cursor',
    'Use the nextCursor of the same list unchanged, or no cursor for the first page',
    {
      fieldErrors: [{ in: 'querystring', field: 'cursor', message: 'is not a cursor of this list' }],
    },
  )

/**
 * Cursor of the page that starts after the channel `slug`. Channels are listed in the order of their slugs.
 */
export const channelCursor = (slug: string) => encode(['c', slug])

/** Returns the slug after which the page starts. @throws Problem `bad_cursor` */
export function readChannelCursor(cursor: string): string {
  const [kind, slug, ...rest] = decode(cursor) ?? []
  if (kind !== 'c' || typeof slug !== 'string' || !isSlug(slug) || rest.length > 0) throw badCursor()
  return slug
}

/**
 * Cursor of the page that starts after this session. Two sessions may start in the same ms, so the id is
 * included.
 */
export const sessionCursor = ({ startedAt, id }: SessionPlace) => encode(['s', startedAt, id])

/** Returns the session after which the page starts. @throws Problem `bad_cursor` */
export function readSessionCursor(cursor: string): SessionPlace {
  const [kind, startedAt, id, ...rest] = decode(cursor) ?? []
  if (kind !== 's' || rest.length > 0) throw badCursor()
  if (!Number.isSafeInteger(startedAt) || typeof id !== 'string' || !isSessionId(id)) throw badCursor()
  return { startedAt: Number(startedAt), id }
}
