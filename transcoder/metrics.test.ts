import { expect, test } from 'vitest'
import { createTranscoderMetrics } from './metrics.ts'

test('delays of parts are counted by the time of a scrape', async () => {
  const { registry, recordPartDelay } = createTranscoderMetrics()
  for (let n = 0; n < 300; n++) recordPartDelay('video', 0.004)
  recordPartDelay('audio', 0.03)

  const text = await registry.metrics()
  expect(text).toContain('part_delay_seconds_bucket{le="0.002",role="transcoder",kind="video"} 0')
  expect(text).toContain('part_delay_seconds_bucket{le="0.005",role="transcoder",kind="video"} 300')
  expect(text).toContain('part_delay_seconds_count{role="transcoder",kind="audio"} 1')
})

test('the health of a channel is exposed until its session ends', async () => {
  const { registry, sessions } = createTranscoderMetrics()
  const { health } = sessions
  health.set('demo', { speed: 0.9, behindMs: 1250, overloaded: true })
  const text = await registry.metrics()
  expect(text).toContain('nowcast_transcoder_speed{slug="demo",role="transcoder"} 0.9')
  expect(text).toContain('nowcast_transcoder_behind_seconds{slug="demo",role="transcoder"} 1.25')
  expect(text).toContain('nowcast_transcoder_overloaded{slug="demo",role="transcoder"} 1')

  health.delete('demo')
  expect(await registry.metrics()).not.toContain('demo')
})
