import { expect, test, vi } from 'vitest'
import { audioHeader, videoHeader, writeAudio, writeVideo } from '../../../test/kit/packager/media.ts'
import {
  begin,
  linesOf,
  playlistOf,
  testOptions,
  videoNames,
} from '../../../test/kit/packager/test-presentation.ts'
import { multivariantPlaylist } from '../playlist/multivariant-playlist.ts'
import { createPresentation } from '../presentation/presentation.ts'

test('a source without audio gets silence as long as its video', () => {
  const presentation = createPresentation(testOptions())
  const sink = begin(presentation, { audio: 'silent' })
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
  const sink = presentation.beginEpoch({ epoch: 1, audio: 'pipe', frameMs: 0 })
  sink.write('audio', audioHeader())
  writeAudio(sink, 0, 4500)
  await presentation.playable

  const playlist = playlistOf(presentation, 'audio')
  expect(linesOf(playlist, '#EXTINF')).toEqual(['#EXTINF:2.00533,', '#EXTINF:2.00533,'])
  expect(linesOf(playlist, '#EXT-X-PART:').slice(0, 3)).toEqual(
    [0, 1, 2].map((part) => `#EXT-X-PART:DURATION=0.40533,URI="1/audio/0.${part}.m4s",INDEPENDENT=YES`),
  )
  expect(multivariantPlaylist(presentation).split('\n').slice(2, 4)).toEqual([
    expect.stringMatching(
      /^#EXT-X-STREAM-INF:BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,CODECS="mp4a.40.2",STABLE-VARIANT-ID="audio"$/,
    ),
    's_AAAAAAAAAAAAAAAAAAAAAA/audio.m3u8',
  ])
})

test('audio that was promised and does not come is silence, and is reported when it comes', () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0)
  const presentation = createPresentation(testOptions())
  const onAudioLate = vi.fn()
  const sink = presentation.beginEpoch({ epoch: 1, audio: 'pipe', frameMs: 40, onAudioLate })
  for (const name of videoNames) sink.write(name, videoHeader())
  writeVideo(sink, videoNames, { fromMs: 0, toMs: 1200 })
  expect(presentation.isPlayable).toBe(false)
  clock.mockReturnValue(1200)
  writeVideo(sink, videoNames, { fromMs: 1200, toMs: 2480 })
  expect(linesOf(playlistOf(presentation, 'audio'), '#EXTINF')).toEqual(['#EXTINF:2.00533,'])
  expect(onAudioLate).not.toHaveBeenCalled()
  sink.write('audio', audioHeader())
  writeAudio(sink, 2000, 3000)
  expect(onAudioLate).toHaveBeenCalledOnce()
  clock.mockRestore()
})
