const absoluteForm = /^https?:\/\/[^/?#]*/i
/** Escapes of characters that need none (RFC 3986 2.3: unreserved characters). */
const needlessEscape = /%(?:2[dDeE]|3[0-9]|[46][1-9a-fA-F]|[57][0-9aA]|5[fF]|7[eE])/g

/**
 * Returns the one form in which a request target is understood, however clients and proxies write it: without
 * scheme and host (RFC 9112 3.2.2), without repeated slashes, and with no escape that is not needed (RFC 3986
 * 6.2.2). The query stays as it is. A target in that form is returned unchanged.
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
  // Only the whole target may be `*`, and an absolute form without a path stands for the root.
  const rooted = canonical === '' && absoluteForm.test(path) ? '/' : canonical
  return question < 0 ? rooted : rooted + target.slice(question)
}
