import { expect, test } from 'vitest'
import { formatDirectives, parseDirectives } from './delivery-directives.ts'

const canonical = (query: string) => {
  const directives = parseDirectives(query)
  return directives && formatDirectives(directives)
}

test.each([
  ['', ''],
  ['token=a&CMCD=b', ''],
  ['_HLS_throughput=1&_HLS_start_offset=4', ''],
  ['_HLS_msn=0', '?_HLS_msn=0'],
  ['_HLS_skip=v2', '?_HLS_skip=v2'],
  ['_HLS_skip=YES&x&_HLS_part=3&_HLS_msn=12', '?_HLS_msn=12&_HLS_part=3&_HLS_skip=YES'],
])('%s becomes %s', (query, expected) => expect(canonical(query)).toBe(expected))

test.each([
  '_HLS_part=1',
  '_HLS_msn',
  '_HLS_msn=01',
  '_HLS_msn=+1',
  '_HLS_msn=1 ',
  '_HLS_msn=1=2',
  '_HLS_msn=1&_HLS_msn=1',
  '_HLS_msn=1000000000000000',
  '_HLS_skip=yes',
])('%s is refused', (query) => expect(canonical(query)).toBeUndefined())
