const absoluteForm = /^https?:\/\/[^/?#]*/i
/** Matches percent-encoded characters that need no encoding: the unreserved ones (RFC 3986 2.3). */
const needlessEscape = /%(?:2[dDeE]|3[0-9]|[46][1-9a-fA-F]|[57][0-9aA]|5[fF]|7[eE])/g

/**
 * Returns the canonical form of a request target, which is the same however clients and proxies write it:
 * without scheme and host (RFC 9112 3.2.2), without repeated slashes, and without needless percent-encoding
 * (RFC 3986 6.2.2). The query stays as it is. A target in canonical form is returned unchanged.
 */
export function canonicalTarget(target: string): string {
  const question = target.indexOf('?')
  const path = question < 0 ? target : target.slice(0, question)
  const isPlain = path.startsWith('/') && !path.includes('//') && !path.includes('%')
  if (isPlain) return target
  const canonical = path
    .replace(absoluteForm, '')
    .replace(needlessEscape, (escaped) => String.fromCharCode(Number.parseInt(escaped.slice(1), 16)))
    .replace(/\/{2,}/g, '/')
  // An absolute form without a path stands for the root. Any other target without a leading slash, such as
  // `*`, gets none.
  const rooted = canonical === '' && absoluteForm.test(path) ? '/' : canonical
  return question < 0 ? rooted : rooted + target.slice(question)
}
