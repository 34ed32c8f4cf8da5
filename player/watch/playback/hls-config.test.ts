import { expect, test } from 'vitest'
import { hlsConfig } from './hls-config.ts'

const steering = hlsConfig('low', 1e6).steeringManifestLoadPolicy?.default

test.each([undefined, 0, 404, 429, 500, 503])(
  'a steering request that failed with status %s is repeated, however often it failed',
  (code) => {
    const response = code === undefined ? undefined : { url: '', data: '', code }
    for (const retry of [steering?.errorRetry, steering?.timeoutRetry]) {
      expect(retry?.shouldRetry?.(retry, 1000, false, response, false)).toBe(true)
      expect(retry?.maxRetryDelayMs).toBeLessThanOrEqual(10_000)
    }
  },
)

test('a steering server that is gone (410) is not asked again', () => {
  const gone = { url: '', data: '', code: 410 }
  expect(steering?.errorRetry?.shouldRetry?.(steering.errorRetry, 0, false, gone, false)).toBe(false)
})
