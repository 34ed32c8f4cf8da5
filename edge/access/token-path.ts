import { isSessionId } from '../../core/ids.ts'

const start = '/live/t/'
const sessionIdLength = 24

/** A request target that carries a token as the first part of its path, `/live/t/<token>/<slug>/…`. */
export interface TokenPath {
  token: string
  /** The target as it would be without it, `/live/<slug>/…`: what is looked for. */
  target: string
}

/**
 * Takes the token out of a request target; undefined when it has none. The channel `t` keeps its own URLs: in them stands a
 * file name or a session id where a token would stand.
 */
export function tokenPathOf(target: string): TokenPath | undefined {
  if (!target.startsWith(start)) return undefined
  const end = target.indexOf('/', start.length)
  if (end < 0) return undefined
  const token = target.slice(start.length, end)
  if (token.length === sessionIdLength && isSessionId(token)) return undefined
  return { token, target: `/live${target.slice(end)}` }
}
