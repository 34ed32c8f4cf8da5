/** Delivery directives of a media playlist request (RFC 8216bis 6.2.5). */
export interface DeliveryDirectives {
  /** `_HLS_msn`: hold the response until this segment is there. */
  msn: number | undefined
  /** `_HLS_part`: or this part of it. */
  part: number | undefined
  /** `_HLS_skip`: a delta update is welcome. */
  skip: 'YES' | 'v2' | undefined
}

const numberExpression = /^(?:0|[1-9]\d{0,14})$/

/**
 * Parses the directives of a query string without its `?`. Returns undefined, a bad request, when one is
 * malformed or given twice, or `_HLS_part` comes without `_HLS_msn`. There is one spelling of each number, so
 * that one request cannot have many cache keys.
 */
export function parseDirectives(query: string): DeliveryDirectives | undefined {
  const directives: DeliveryDirectives = { msn: undefined, part: undefined, skip: undefined }
  for (const parameter of query.split('&')) {
    if (!parameter.startsWith('_HLS_')) continue
    const equals = parameter.indexOf('=')
    const name = equals < 0 ? parameter : parameter.slice(0, equals)
    const value = equals < 0 ? '' : parameter.slice(equals + 1)
    if (name === '_HLS_msn' || name === '_HLS_part') {
      const directive = name === '_HLS_msn' ? 'msn' : 'part'
      if (directives[directive] !== undefined || !numberExpression.test(value)) return undefined
      directives[directive] = Number(value)
    } else if (name === '_HLS_skip') {
      if (directives.skip !== undefined || (value !== 'YES' && value !== 'v2')) return undefined
      directives.skip = value
    }
  }
  // RFC 8216bis 6.2.5.2: "If the Playlist URI contains an _HLS_part directive but no _HLS_msn directive, the
  // Server MUST return Bad Request, such as HTTP 400."
  return directives.part !== undefined && directives.msn === undefined ? undefined : directives
}

/**
 * The directives in canonical form: empty, or `?_HLS_msn=…&_HLS_part=…&_HLS_skip=…` in this order. Other
 * parameters (throughput, CMCD) do not affect the response and are dropped.
 */
export function formatDirectives({ msn, part, skip }: DeliveryDirectives): string {
  const kept: string[] = []
  if (msn !== undefined) kept.push(`_HLS_msn=${msn}`)
  if (part !== undefined) kept.push(`_HLS_part=${part}`)
  if (skip !== undefined) kept.push(`_HLS_skip=${skip}`)
  return kept.length === 0 ? '' : `?${kept.join('&')}`
}
