import { expect, test } from 'vitest'
import { MediaClock } from './media-clock.ts'

test('the packet with the least delay tells when media began; later ones change nothing', () => {
  const clock = new MediaClock()
  expect(clock.zeroAt).toBeUndefined()
  clock.add(5000, 1080)
  clock.add(5033, 1050)
  clock.add(5066, 1120)
  clock.add(9000, 4000)
  expect(clock.zeroAt).toBe(Math.round(performance.timeOrigin + 1050 - 5033))
})
