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
import { readPlaylist } from '../../../test/kit/playlist.ts'
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

test('a rendition that returns after long has the numbers of the others, and no gaps', () => {
  const presentation = createPresentation(testOptions({ windowSegments: 6 }))
  const plans = ['720p', '360p', 'audio'].map((name) => ({
    name,
    kind: name === 'audio' ? ('audio' as const) : ('video' as const),
    passthrough: false,
  }))
  const leader = { rendition: '720p' }
  const kept = ['720p', 'audio']
  let epoch = begin(presentation)
  /** Writes 60 s of media, then begins another epoch with these renditions. */
  function playThenChange(fromMs: number, names: string[], next: string[]) {
    writeAudio(epoch, fromMs, fromMs + 60_000)
    writeVideo(
      epoch,
      names.filter((name) => name !== 'audio'),
      { fromMs, toMs: fromMs + 60_000 },
    )
    presentation.setRenditions(plans.filter(({ name }) => next.includes(name)))
    const following = presentation.beginEpoch({ epoch: epoch.epoch + 1, leader, frameMs: 40 })
    for (const name of names) if (!next.includes(name)) epoch.end(name)
    handOver(epoch, following, next)
    epoch = following
  }
  playThenChange(0, ['720p', '360p', 'audio'], kept)
  playThenChange(60_000, kept, kept)
  playThenChange(120_000, kept, kept)
  playThenChange(180_000, kept, ['720p', '360p', 'audio'])
  writeAudio(epoch, 240_000, 252_000)
  writeVideo(epoch, videoNames, { fromMs: 240_000, toMs: 252_000 })

  const read = (name: string) => readPlaylist(playlistOf(presentation, name))
  /** Returns the discontinuity sequence of each segment, by its number. */
  function sequencesOf({ segments, discontinuitySequence }: ReturnType<typeof read>) {
    let sequence = discontinuitySequence
    return new Map(
      segments.map(({ msn, discontinuity }) => {
        if (discontinuity) sequence += 1
        return [msn, sequence]
      }),
    )
  }
  const [large, small] = [read('720p'), read('360p')]
  expect(small.segments.filter(({ gap }) => gap)).toEqual([])
  expect(small.segments.length).toBeGreaterThan(4)
  const expected = sequencesOf(large)
  for (const [msn, sequence] of sequencesOf(small))
    expect(`${msn} ${sequence}`).toBe(`${msn} ${expected.get(msn)}`)
})
