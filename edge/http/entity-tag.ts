/** Whether one of the tags of an If-None-Match header names what would be sent (RFC 9110 13.1.2: weak comparison). */
export function matchesTag(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch.trim() === '*') return true
  return ifNoneMatch.split(',').some((each) => each.trim().replace(/^W\//, '') === etag)
}
