/** Directives in the query of a media playlist request (RFC 8216bis 6.2.5); undefined when absent. */
export interface DeliveryDirectives {
  /** `_HLS_msn`: the response waits until the playlist has this segment. */
  msn: number | undefined
  /** `_HLS_part`: the response waits only until the playlist has this part of the segment `msn`. */
  part: number | undefined
  /** `_HLS_skip`: the player accepts a delta update; with `v2`, also one that skips date ranges. */
  skip: 'YES' | 'v2' | undefined
}

const numberExpression = /^(?:0|[1-9]\d{0,14})$/

/**
 * Parses the directives in a query string without its `?`. Returns undefined, for a response of 400, when one
 * is malformed or given twice, or `_HLS_part` comes without `_HLS_msn`. Numbers with leading zeros are
 * malformed, so that one object cannot have many cache keys.
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
  // RFC 8216bis 6.2.5.2 requires a response of 400 to `_HLS_part` without `_HLS_msn`.
  return directives.part !== undefined && directives.msn === undefined ? undefined : directives
}

/** Returns the directives as a query in a fixed order, with its `?`; an empty text when there are none. */
export function formatDirectives({ msn, part, skip }: DeliveryDirectives): string {
  const kept: string[] = []
  if (msn !== undefined) kept.push(`_HLS_msn=${msn}`)
  if (part !== undefined) kept.push(`_HLS_part=${part}`)
  if (skip !== undefined) kept.push(`_HLS_skip=${skip}`)
  return kept.length === 0 ? '' : `?${kept.join('&')}`
}
