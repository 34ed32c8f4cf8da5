import { expect, test } from 'vitest'
import { writeAudio, writeVideo } from '../../../test/kit/packager/media.ts'
import { base, start, untilHeld } from '../../../test/kit/packager/served-presentation.ts'
import {
  begin,
  handOver,
  linesOf,
  playlistOf,
  testOptions,
  videoNames,
} from '../../../test/kit/packager/test-presentation.ts'
import { multivariantPlaylist } from '../playlist/multivariant-playlist.ts'
import { createPresentation } from './presentation.ts'

test('frame rate and bandwidth are those of the newest epoch; the peak also of what is still listed', () => {
  const presentation = createPresentation(testOptions({ windowSegments: 6 }))
  const video = () => presentation.renditions().find(({ name }) => name === '720p')
  const first = begin(presentation)
  writeAudio(first, 0, 6000)
  writeVideo(first, videoNames, { fromMs: 0, toMs: 6000, bytes: 2000 })
  const before = video()
  expect(before?.fps).toBe(25)

  const second = presentation.beginEpoch({ epoch: 2, leader: { rendition: '720p' }, frameMs: 20 })
  handOver(first, second)
  writeAudio(second, 6000, 9000)
  writeVideo(second, videoNames, { fromMs: 6000, toMs: 9000, frameMs: 20, bytes: 500 })
  expect(video()).toMatchObject({ fps: 50, bandwidth: before?.bandwidth })
  const average = () => Number(/AVERAGE-BANDWIDTH=(\d+)/.exec(multivariantPlaylist(presentation))?.[1])
  expect(average()).toBeLessThan((before?.bandwidth ?? 0) / 1.5)
  writeAudio(second, 9000, 40_000)
  writeVideo(second, videoNames, { fromMs: 9000, toMs: 40_000, frameMs: 20, bytes: 500 })
  expect(video()?.bandwidth).toBeLessThan(before?.bandwidth ?? 0)
})

test('a dropped rendition leaves the playlists, and its own ends with 404, until it is there again', async () => {
  const { presentation, ask } = await start()
  const url = `${base}/720p.m3u8`
  const all = ['720p', '360p', 'audio'].map((name) => ({
    name,
    kind: name === 'audio' ? ('audio' as const) : ('video' as const),
    passthrough: false,
  }))
  const { asked } = await untilHeld(presentation, ask(`${url}?_HLS_msn=2`))
  presentation.setRenditions(all.filter(({ name }) => name !== '720p'))
  expect((await asked).status).toBe(404)
  expect((await ask(url)).status).toBe(404)
  expect(multivariantPlaylist(presentation)).not.toContain('720p')
  expect(linesOf(playlistOf(presentation, '360p'), '#EXT-X-RENDITION-REPORT').join()).not.toContain('720p')
  presentation.setRenditions(all)
  expect((await ask(url)).status).toBe(200)
  expect(multivariantPlaylist(presentation)).toContain('720p')
})

test('a rendition that is added later has its place among the others', () => {
  const presentation = createPresentation(testOptions({ renditions: [] }))
  const plans = ['720p', '480p', '360p', 'audio'].map((name) => ({
    name,
    kind: name === 'audio' ? ('audio' as const) : ('video' as const),
    passthrough: false,
  }))
  const listed = () => presentation.renditions().map(({ name }) => name)
  presentation.setRenditions(plans.filter(({ name }) => name !== '480p'))
  presentation.setRenditions(plans)
  expect(listed()).toEqual(['720p', '480p', '360p', 'audio'])
  presentation.setRenditions(plans.slice(2))
  expect(listed()).toEqual(['360p', 'audio'])
  presentation.setRenditions(plans)
  expect(listed()).toEqual(['720p', '480p', '360p', 'audio'])
})
