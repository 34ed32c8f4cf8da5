import { expect, test } from 'vitest'
import { testVideoTrack, videoFrame, writeAudio, writeVideo } from '../../../test/kit/packager/media.ts'
import {
  begin,
  handOver,
  linesOf,
  playlistOf,
  testOptions,
  videoNames,
} from '../../../test/kit/packager/test-presentation.ts'
import { createPresentation } from './presentation.ts'

test('a new epoch continues where the old one ended: discontinuity, new init segment, aligned numbers', () => {
  const presentation = createPresentation(testOptions())
  const first = begin(presentation)
  writeAudio(first, 0, 3000)
  writeVideo(first, ['720p'], { fromMs: 0, toMs: 3000 })
  writeVideo(first, ['360p'], { fromMs: 0, toMs: 2800 })
  const second = presentation.beginEpoch({ epoch: 2, leader: { rendition: '720p' }, frameMs: 40 })
  handOver(first, second)
  writeVideo(first, videoNames, { fromMs: 3000, toMs: 4000 })
  writeAudio(second, 0, 5000)
  writeVideo(second, videoNames, { fromMs: 0, toMs: 4840, gopMs: 1000 })

  for (const name of videoNames) {
    const playlist = playlistOf(presentation, name)
    const change = playlist.slice(playlist.indexOf(`1/${name}/1.m4s\n`))
    expect(change).toMatch(
      new RegExp(
        `^1/${name}/1.m4s\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="2/${name}/init.mp4"\n#EXT-X-PROGRAM`,
      ),
    )
    expect(change).toContain(`URI="2/${name}/2.0.m4s",INDEPENDENT=YES`)
  }
  const starts = videoNames.map((name) => presentation.streams.get(name)?.open?.startMs)
  expect(starts).toEqual([3000, 3000])
  expect(presentation.discontinuity).toBe(1)
  expect(playlistOf(presentation, 'audio')).toContain(
    '#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="2/audio/init.mp4"',
  )
})

test('renditions change to a new epoch one by one; one that is late ends the old epoch meanwhile', () => {
  const presentation = createPresentation(testOptions())
  const first = begin(presentation)
  writeAudio(first, 0, 4000)
  writeVideo(first, ['720p'], { fromMs: 0, toMs: 4000 })
  writeVideo(first, ['360p'], { fromMs: 0, toMs: 3600 })
  const second = presentation.beginEpoch({ epoch: 2, leader: { rendition: '720p' }, frameMs: 40 })
  handOver(first, second, ['720p', 'audio'])
  writeAudio(second, 4000, 6500)
  writeVideo(second, ['720p'], { fromMs: 4000, toMs: 6480 })
  expect(presentation.streams.get('720p')?.open?.msn).toBe(3)
  writeVideo(first, ['360p'], { fromMs: 3600, toMs: 4000 })
  handOver(first, second, ['360p'])
  writeVideo(second, ['360p'], { fromMs: 4000, toMs: 6480 })

  const segments = (name: string) =>
    presentation.streams
      .get(name)
      ?.window.listed.map(({ msn, epoch, isGap, durationMs }) => [msn, epoch, isGap, durationMs])
  expect(segments('360p')).toEqual(segments('720p'))
  expect(segments('720p')).toEqual([
    [0, 1, false, 2000],
    [1, 1, false, 2000],
    [2, 2, false, 2000],
  ])
})

test('the last keyframe is repeated while the picture is frozen', () => {
  const presentation = createPresentation(testOptions())
  const sink = begin(presentation)
  writeVideo(sink, videoNames, { fromMs: 0, toMs: 1000 })
  writeAudio(sink, 0, 9000)
  sink.advance({ now: performance.now(), mediaMs: 9000, isPictureFrozen: true })
  writeAudio(sink, 9000, 12_500)
  writeVideo(sink, videoNames, { fromMs: 9040, toMs: 9600 })
  sink.advance({ now: performance.now(), mediaMs: 9600, isPictureFrozen: false })
  writeVideo(sink, videoNames, { fromMs: 9600, toMs: 12_480 })

  const [first, ...others] = [...presentation.streams.values()].map(({ window }) => window.listed)
  expect(first?.map(({ msn }) => msn)).toEqual(first?.map((_, index) => index))
  expect(first?.length).toBeGreaterThanOrEqual(5)
  for (const listed of others) expect(listed.map(({ msn }) => msn)).toEqual(first?.map(({ msn }) => msn))
  for (const { durationMs, isGap, hasDiscontinuity } of [first ?? [], ...others].flat()) {
    expect([isGap, hasDiscontinuity]).toEqual([false, false])
    expect(Math.round(durationMs / 1000)).toBeLessThanOrEqual(2)
  }
})

test('a GOP that is too long does not make a segment longer than the target duration', () => {
  const presentation = createPresentation(testOptions())
  const sink = begin(presentation)
  writeAudio(sink, 0, 10_000)
  writeVideo(sink, videoNames, { fromMs: 0, toMs: 10_000, gopMs: 8000 })

  for (const name of [...videoNames, 'audio'])
    for (const line of linesOf(playlistOf(presentation, name), '#EXTINF'))
      expect(Math.round(Number(line.slice(8, -1)))).toBeLessThanOrEqual(2)
})

test('media that cannot be packed ends its rendition and leaves the others as they are', () => {
  const presentation = createPresentation(testOptions())
  const failures: string[] = []
  const sink = begin(presentation, { onFailure: (name, error) => failures.push(`${name}: ${error.message}`) })
  writeAudio(sink, 0, 600)
  writeVideo(sink, videoNames, { fromMs: 0, toMs: 520 })
  sink.setTrack('audio', testVideoTrack)
  writeAudio(sink, 600, 700)
  writeVideo(sink, videoNames, { fromMs: 520, toMs: 2080 })

  expect(failures).toEqual(['audio: video in an audio rendition'])
  expect(linesOf(playlistOf(presentation, 'audio'), '#EXTINF')).toEqual(['#EXTINF:0.38400,'])
  expect(linesOf(playlistOf(presentation, '720p'), '#EXTINF')).toEqual(['#EXTINF:2.00000,'])
  expect(presentation.isEnded).toBe(false)
})

test('a takeover continues with the numbers that it was given', () => {
  const presentation = createPresentation(testOptions({ startMsn: 41, startDiscontinuity: 2 }))
  const sink = begin(presentation, { epoch: 3 })
  writeAudio(sink, 0, 900)
  writeVideo(sink, videoNames, { fromMs: 0, toMs: 800 })

  const playlist = playlistOf(presentation, '720p')
  expect(playlist).toContain(
    '#EXT-X-MEDIA-SEQUENCE:41\n#EXT-X-DISCONTINUITY-SEQUENCE:2\n#EXT-X-DISCONTINUITY\n',
  )
  expect(presentation.discontinuity).toBe(3)
})

test('no times of frames can throw, or make a segment too long', () => {
  let seed = 1
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % below
  }
  for (let round = 0; round < 300; round++) {
    const presentation = createPresentation(testOptions())
    const sink = begin(presentation)
    let startMs = 0
    for (let frame = 0; frame < 200; frame++) {
      startMs += [40, 0, 1, -40, 500, 3000, 20_000][random(20)] ?? 40
      const bytes = random(2000)
      for (const name of videoNames)
        sink.add(name, videoFrame({ startMs, durationMs: 40, isSync: random(10) === 0, bytes }))
      writeAudio(sink, startMs, startMs + 60)
      if (random(5) === 0)
        sink.advance({
          now: performance.now(),
          mediaMs: startMs + random(3000),
          isPictureFrozen: random(2) === 0,
        })
    }
    presentation.end()
    const segments = [...presentation.streams.values()].flatMap(({ window }) => window.listed)
    for (const { durationMs, isGap } of segments)
      if (!isGap) expect(Math.round(durationMs / 1000)).toBeLessThanOrEqual(presentation.targetDuration)
  }
}, 60_000)
