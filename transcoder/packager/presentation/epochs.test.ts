import { expect, test, vi } from 'vitest'
import { videoFrame, writeAudio, writeVideo } from '../../../test/kit/packager/media.ts'
import {
  begin,
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
  const second = begin(presentation, { epoch: 2 })
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

test('a rendition that missed a segment at the end of an epoch gets a gap instead', () => {
  const presentation = createPresentation(testOptions())
  const sink = begin(presentation)
  writeAudio(sink, 0, 2500)
  writeVideo(sink, ['720p'], { fromMs: 0, toMs: 2480 })
  writeVideo(sink, ['360p'], { fromMs: 0, toMs: 1600 })
  sink.end()

  expect(playlistOf(presentation, '360p')).toContain('#EXT-X-GAP\n#EXTINF:0.48000,\n1/360p/1.m4s')
  expect(presentation.nextMsn).toBe(2)
  expect(presentation.streams.get('360p')?.segment(1, 1)).toBeUndefined()
})

test('a publisher that comes back with other timestamps continues at a later date', () => {
  vi.setSystemTime(new Date('2026-01-01T00:00:00Z'))
  const presentation = createPresentation(testOptions())
  const first = begin(presentation)
  writeAudio(first, 0, 1300)
  writeVideo(first, videoNames, { fromMs: 0, toMs: 1200 })
  first.end()
  vi.setSystemTime(new Date('2026-01-01T00:00:09Z'))
  const second = begin(presentation, { epoch: 2, timeline: 'new' })
  writeAudio(second, 0, 900)
  writeVideo(second, videoNames, { fromMs: 0, toMs: 800 })
  vi.useRealTimers()

  expect(linesOf(playlistOf(presentation, '720p'), '#EXT-X-PROGRAM')).toEqual([
    '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z',
    '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:09.000Z',
  ])
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

test('bytes that are not media end the epoch and leave the presentation as it is', () => {
  const presentation = createPresentation(testOptions())
  const failures: string[] = []
  const sink = begin(presentation, { onFailure: (error) => failures.push(error.message) })
  writeAudio(sink, 0, 600)
  writeVideo(sink, videoNames, { fromMs: 0, toMs: 520 })
  sink.write('720p', Buffer.from('this is not a box, not at all'))
  sink.write('720p', videoFrame({ startMs: 520, durationMs: 40 }))

  expect(failures).toHaveLength(1)
  expect(linesOf(playlistOf(presentation, '720p'), '#EXTINF')).toEqual(['#EXTINF:0.52000,'])
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

test('no corruption of a pipe can throw', () => {
  let seed = 1
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % below
  }
  let failures = 0
  for (let round = 0; round < 300; round++) {
    const presentation = createPresentation(testOptions())
    const sink = begin(presentation, { onFailure: () => failures++ })
    writeAudio(sink, 0, 700)
    writeVideo(sink, videoNames, { fromMs: 0, toMs: 640 })
    const bytes = Buffer.concat([640, 680, 720].map((startMs) => videoFrame({ startMs, durationMs: 40 })))
    for (let hit = 0; hit <= random(4); hit++) bytes[random(bytes.length)] = random(256)
    for (let at = 0; at < bytes.length; at += 50) sink.write('720p', bytes.subarray(at, at + 50))
    presentation.end()
    expect(presentation.isEnded).toBe(true)
  }
  expect(failures).toBeGreaterThan(10)
})
