/** Delivery directives of a playlist request (RFC 8216bis 6.2.5). */
export interface DeliveryDirectives {
  /** `_HLS_msn`: wait for this segment. */
  msn: number | undefined
  /** `_HLS_part`: and for this part of it. */
  part: number | undefined
  /** `_HLS_skip`: a delta update will do. */
  isDelta: boolean
}

const decimalInteger = /^\d{1,15}$/

/** Reads the directives of a query; undefined when they make no sense (Bad Request). Other parameters mean nothing here. */
export function parseDirectives(query: URLSearchParams): DeliveryDirectives | undefined {
  const msn = query.get('_HLS_msn')
  const part = query.get('_HLS_part')
  const skip = query.get('_HLS_skip')
  // RFC 8216bis 6.2.5.2: "If the Playlist URI contains an _HLS_part directive but no _HLS_msn directive, the Server MUST return Bad
  // Request, such as HTTP 400."
  if (part !== null && msn === null) return undefined
  for (const number of [msn, part]) if (number !== null && !decimalInteger.test(number)) return undefined
  return {
    msn: msn === null ? undefined : Number(msn),
    part: part === null ? undefined : Number(part),
    // RFC 8216bis 6.2.5.1: "the requested URI contains an _HLS_skip directive whose value is YES or v2".
    isDelta: skip === 'YES' || skip === 'v2',
  }
}
