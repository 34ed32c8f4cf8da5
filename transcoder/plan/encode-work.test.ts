import { expect, test } from 'vitest'
import type { VideoSource } from '../../core/media/source.ts'
import { source } from '../../test/kit/manager/live-data.ts'
import { encodeWorkOf, withEncoded } from './encode-work.ts'
import { parseLadder } from './ladder.ts'
import { planAgain, planTranscode, type TranscodePlan } from './plan.ts'

const options = { ladder: parseLadder('auto'), followsSource: true, fillsParts: () => true }
const sourceOf = (video: Partial<VideoSource>) => ({
  ...source,
  video: source.video && { ...source.video, ...video },
})
const planOf = (video: Partial<VideoSource> = {}) => planTranscode(sourceOf(video), options)
const names = ({ video, omitted }: TranscodePlan) =>
  [video, omitted].map((all) => all.map(({ name }) => name))

test('the work of a plan is that of its encoded renditions, at whole frame rates', () => {
  expect(encodeWorkOf(planOf())).toEqual({
    renditions: [(854 * 480 * 30) / 1e6, (640 * 360 * 30) / 1e6, (426 * 240 * 30) / 1e6],
    minimum: 0,
  })
  expect(encodeWorkOf(planOf({ fps: 30.2 }))).toEqual(encodeWorkOf(planOf()))
})

test('one rendition is always encoded if not everyone can play what is passed through', () => {
  expect(encodeWorkOf(planOf({ isInterlaced: true })).minimum).toBe(1)
  expect(encodeWorkOf(planOf({ codec: 'hevc', codecString: 'hvc1.1.6.L93.B0' })).minimum).toBe(1)
  expect(encodeWorkOf(planTranscode(sourceOf({}), { ...options, ladder: parseLadder('off') })).minimum).toBe(
    0,
  )
})

test('the largest encoded renditions are omitted first, and come back', () => {
  const full = planOf()
  const reduced = withEncoded(full, 1)
  expect(names(reduced)).toEqual([
    ['720p', '240p'],
    ['480p', '360p'],
  ])
  expect(encodeWorkOf(reduced)).toEqual(encodeWorkOf(full))
  expect(names(withEncoded(reduced, 0))).toEqual([['720p'], ['480p', '360p', '240p']])
  expect(withEncoded(withEncoded(reduced, 0), 3)).toEqual(full)
})

test('another plan in the middle of a session also has the renditions that were omitted', () => {
  const again = planAgain(withEncoded(planOf(), 1), sourceOf({}), options)
  expect(again).toEqual(planOf())
  const timed = planAgain(withEncoded(planOf(), 0), sourceOf({}), { ...options, followsSource: false })
  expect(names(withEncoded(timed, 2))).toEqual([
    ['360p', '240p'],
    ['720p', '480p'],
  ])
})
