const numberExpression = /^(?:0|[1-9]\d{0,14})$/
const skipExpression = /^(?:YES|v2)$/

/**
 * The delivery directives of a media playlist request (rfc8216bis 6.2.5) in canonical form: `''`, or `?_HLS_msn=…&_HLS_part=…&_HLS_skip=…`
 * in this order. All other parameters (throughput, CMCD, tokens) do not choose the answer and are dropped.
 * Undefined when a directive is malformed, given twice, or `_HLS_part` stands without `_HLS_msn`.
 */
export function canonicalDirectives(query: string): string | undefined {
  let msn: string | undefined
  let part: string | undefined
  let skip: string | undefined
  for (const parameter of query.split('&')) {
    if (!parameter.startsWith('_HLS_')) continue
    const equals = parameter.indexOf('=')
    const name = equals < 0 ? parameter : parameter.slice(0, equals)
    const value = equals < 0 ? '' : parameter.slice(equals + 1)
    if (name === '_HLS_msn') {
      if (msn !== undefined || !numberExpression.test(value)) return undefined
      msn = value
    } else if (name === '_HLS_part') {
      if (part !== undefined || !numberExpression.test(value)) return undefined
      part = value
    } else if (name === '_HLS_skip') {
      if (skip !== undefined || !skipExpression.test(value)) return undefined
      skip = value
    }
  }
  // "A Client MUST NOT use _HLS_part without _HLS_msn."
  if (part !== undefined && msn === undefined) return undefined
  const kept: string[] = []
  if (msn !== undefined) kept.push(`_HLS_msn=${msn}`)
  if (part !== undefined) kept.push(`_HLS_part=${part}`)
  if (skip !== undefined) kept.push(`_HLS_skip=${skip}`)
  return kept.length === 0 ? '' : `?${kept.join('&')}`
}
