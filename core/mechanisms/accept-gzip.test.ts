import { expect, test } from 'vitest'
import { acceptsGzip } from './accept-gzip.ts'

test.each([
  ['gzip', true],
  ['GZIP', true],
  ['br, gzip;q=0.5', true],
  ['gzip; q=1', true],
  ['gzip;q=0', false],
  ['gzip;q=0.000, br', false],
  ['gzip ; q=0.0', false],
  ['x-gzip', false],
  ['gzip, deflate, br, zstd', true],
  ['br;q=1.0, gzip;q=0.8', true],
  ['br, gzip ; q=0.000, identity', false],
  ['identity', false],
  ['br', false],
  ['', false],
  [undefined, false],
])('%s: %s', (acceptEncoding, expected) => expect(acceptsGzip(acceptEncoding)).toBe(expected))
