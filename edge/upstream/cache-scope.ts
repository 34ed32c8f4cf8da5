/**
 * Adds `private` to a Cache-Control (RFC 9111 5.2.2.7): players may keep the response, but caches on the way
 * may not, because they do not check tokens.
 */
export const asPrivate = (cacheControl: string | undefined) =>
  cacheControl === undefined ? 'private' : `private, ${cacheControl}`

/**
 * Undoes `asPrivate`. An edge checks the tokens of its viewers itself, so it may keep what another edge sent
 * with `private`.
 */
export const withoutPrivate = (cacheControl: string | undefined) =>
  cacheControl === 'private' ? undefined : cacheControl?.replace(/^private, /, '')

/** Removes `public` and `private`, and leaves lifetimes as they are. */
export const withoutScope = (cacheControl: string | undefined) =>
  cacheControl?.replace(/\b(?:public|private)\b,? */g, '')
