import { expect, test, vi } from 'vitest'
import { writeAudio, writeVideo } from '../../../test/kit/packager/media.ts'
import {
  begin,
  linesOf,
  playlistOf,
  testOptions,
  videoNames,
} from '../../../test/kit/packager/test-presentation.ts'
import { stereoTrack } from '../mp4/silent-track.ts'
import { multivariantPlaylist } from '../playlist/multivariant-playlist.ts'
import { createPresentation } from '../presentation/presentation.ts'

test('a source without audio gets silence as long as its video', () => {
  const presentation = createPresentation(testOptions())
  const sink = begin(presentation, { silent: ['audio'] })
  writeVideo(sink, videoNames, { fromMs: 0, toMs: 4480 })

  expect(presentation.isPlayable).toBe(true)
  const durations = linesOf(playlistOf(presentation, 'audio'), '#EXTINF')
  expect(durations).toEqual(['#EXTINF:2.00533,', '#EXTINF:2.00533,'])
})

test('audio that stops is silence until it comes back', () => {
  const presentation = createPresentation(testOptions())
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0)
  const sink = begin(presentation)
  writeAudio(sink, 0, 1000)
  writeVideo(sink, videoNames, { fromMs: 0, toMs: 1000 })
  clock.mockReturnValue(1500)
  writeVideo(sink, videoNames, { fromMs: 1000, toMs: 2480 })
  clock.mockRestore()

  expect(linesOf(playlistOf(presentation, 'audio'), '#EXTINF')).toEqual(['#EXTINF:2.00533,'])
  writeAudio(sink, 0, 4500)
  writeVideo(sink, videoNames, { fromMs: 2480, toMs: 4480 })
  expect(linesOf(playlistOf(presentation, 'audio'), '#EXTINF')).toEqual([
    '#EXTINF:2.00533,',
    '#EXTINF:2.00533,',
  ])
})

test('audio without video makes the segments', async () => {
  const renditions = [{ name: 'audio', kind: 'audio', passthrough: true }] as const
  const presentation = createPresentation(testOptions({ renditions }))
  const sink = presentation.beginEpoch({ epoch: 1, leader: 'audio', frameMs: 0 })
  sink.join('audio')
  sink.setTrack('audio', stereoTrack)
  writeAudio(sink, 0, 4500)
  await presentation.playable

  const playlist = playlistOf(presentation, 'audio')
  expect(linesOf(playlist, '#EXTINF')).toEqual(['#EXTINF:2.00533,', '#EXTINF:2.00533,'])
  expect(linesOf(playlist, '#EXT-X-PART:').slice(0, 3)).toEqual(
    // Parts of 405.333 ms. The rounding errors of their lengths do not add up.
    [0.40533, 0.40534, 0.40533].map(
      (length, part) => `#EXT-X-PART:DURATION=${length},URI="1/audio/0.${part}.m4s",INDEPENDENT=YES`,
    ),
  )
  expect(multivariantPlaylist(presentation).split('\n').slice(2, 4)).toEqual([
    expect.stringMatching(
      /^#EXT-X-STREAM-INF:BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,CODECS="mp4a.40.2",CLOSED-CAPTIONS=NONE,STABLE-VARIANT-ID="audio"$/,
    ),
    's_AAAAAAAAAAAAAAAAAAAAAA/audio.m3u8',
  ])
})

test('audio that was promised and does not come is silence until it does', () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0)
  const presentation = createPresentation(testOptions())
  const sink = begin(presentation)
  writeVideo(sink, videoNames, { fromMs: 0, toMs: 1200 })
  expect(presentation.isPlayable).toBe(false)
  clock.mockReturnValue(1200)
  writeVideo(sink, videoNames, { fromMs: 1200, toMs: 2480 })
  sink.advance({ now: 1200, mediaMs: 2480, isPictureFrozen: false })
  expect(linesOf(playlistOf(presentation, 'audio'), '#EXTINF')).toEqual(['#EXTINF:2.00533,'])
  writeAudio(sink, 2000, 4500)
  writeVideo(sink, videoNames, { fromMs: 2480, toMs: 4480 })
  expect(linesOf(playlistOf(presentation, 'audio'), '#EXTINF')).toHaveLength(2)
  clock.mockRestore()
})

test('audio does not wait for a video that is late, except where a segment may begin', () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0)
  const presentation = createPresentation(testOptions())
  const sink = begin(presentation)
  const endMs = () => presentation.streams.get('audio')?.endMs ?? 0
  writeVideo(sink, videoNames, { fromMs: 0, toMs: 400 })
  writeAudio(sink, 0, 2600)
  expect(endMs()).toBeGreaterThan(1500)
  expect(endMs()).toBeLessThan(2000)
  clock.mockReturnValue(250)
  sink.advance({ now: 250, mediaMs: 2600, isPictureFrozen: false })
  expect(endMs()).toBeGreaterThan(2300)
  clock.mockRestore()
})
