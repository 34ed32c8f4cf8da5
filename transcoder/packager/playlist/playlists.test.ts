import { expect, test, vi } from 'vitest'
import { audioFrame, testVideoTrack, writeAudio, writeVideo } from '../../../test/kit/packager/media.ts'
import {
  begin,
  linesOf,
  playlistOf,
  testOptions,
  videoNames,
} from '../../../test/kit/packager/test-presentation.ts'
import { stereoTrack } from '../mp4/silent-track.ts'
import { createPresentation } from '../presentation/presentation.ts'
import { multivariantPlaylist } from './multivariant-playlist.ts'

test('a complete live playlist', () => {
  vi.setSystemTime(new Date('2026-01-01T00:00:00Z'))
  const presentation = createPresentation(testOptions())
  const sink = begin(presentation)
  writeAudio(sink, 0, 2500)
  writeVideo(sink, videoNames, { fromMs: 0, toMs: 2480 })
  vi.useRealTimers()

  expect(playlistOf(presentation, '720p')).toBe(`#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:2
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,HOLD-BACK=6,PART-HOLD-BACK=1.2
#EXT-X-PART-INF:PART-TARGET=0.4
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-MAP:URI="1/720p/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z
#EXT-X-PART:DURATION=0.4,URI="1/720p/0.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.4,URI="1/720p/0.1.m4s"
#EXT-X-PART:DURATION=0.4,URI="1/720p/0.2.m4s"
#EXT-X-PART:DURATION=0.4,URI="1/720p/0.3.m4s"
#EXT-X-PART:DURATION=0.4,URI="1/720p/0.4.m4s"
#EXTINF:2.00000,
1/720p/0.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:02.000Z
#EXT-X-PART:DURATION=0.4,URI="1/720p/1.0.m4s",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="1/720p/1.1.m4s"
#EXT-X-RENDITION-REPORT:URI="360p.m3u8",LAST-MSN=1,LAST-PART=0
#EXT-X-RENDITION-REPORT:URI="audio.m3u8",LAST-MSN=1,LAST-PART=0
`)
  expect(
    playlistOf(presentation, 'audio'),
  ).toContain(`#EXT-X-PART:DURATION=0.08533,URI="1/audio/0.5.m4s",INDEPENDENT=YES
#EXTINF:2.00533,
1/audio/0.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:02.005Z
#EXT-X-PART:DURATION=0.384,URI="1/audio/1.0.m4s",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="1/audio/1.1.m4s"
`)
})

test('the multivariant playlist has measured values', () => {
  const presentation = createPresentation(testOptions())
  const sink = begin(presentation)
  writeAudio(sink, 0, 2500)
  writeVideo(sink, videoNames, { fromMs: 0, toMs: 2480 })

  expect(multivariantPlaylist(presentation)).toBe(`#EXTM3U
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",STABLE-RENDITION-ID="audio",URI="s_AAAAAAAAAAAAAAAAAAAAAA/audio.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=31061,AVERAGE-BANDWIDTH=31061,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=25.000,AUDIO="audio",CLOSED-CAPTIONS=NONE,STABLE-VARIANT-ID="720p"
s_AAAAAAAAAAAAAAAAAAAAAA/720p.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=31061,AVERAGE-BANDWIDTH=31061,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=25.000,AUDIO="audio",CLOSED-CAPTIONS=NONE,STABLE-VARIANT-ID="360p"
s_AAAAAAAAAAAAAAAAAAAAAA/360p.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=7461,AVERAGE-BANDWIDTH=7461,CODECS="mp4a.40.2",AUDIO="audio",CLOSED-CAPTIONS=NONE,STABLE-VARIANT-ID="audio"
s_AAAAAAAAAAAAAAAAAAAAAA/audio.m3u8
`)
})

test('HDR, captions and sound with more than two channels are declared', () => {
  const presentation = createPresentation(
    testOptions({
      renditions: [
        { name: '720p-hevc', kind: 'video', passthrough: true },
        ...(testOptions().renditions ?? []),
        { name: 'surround', kind: 'audio', passthrough: true },
      ],
    }),
  )
  presentation.hasCaptions = true
  const sink = begin(presentation)
  const hdr = { ...testVideoTrack.track, transfer: 'pq', codecs: 'hvc1.2.4.L120.B0' } as const
  sink.join('720p-hevc')
  sink.setTrack('720p-hevc', { track: hdr, init: Buffer.from('hdr') })
  const config = { ...stereoTrack.track.config, outputChannels: 6, channels: 6 }
  sink.join('surround')
  sink.setTrack('surround', { track: { ...stereoTrack.track, config }, init: Buffer.from('surround') })
  writeVideo(sink, ['720p', '360p', '720p-hevc'], { fromMs: 0, toMs: 2480 })
  writeAudio(sink, 0, 2500)
  for (let index = 0; index < 110; index++) sink.add('surround', audioFrame(index))

  const playlist = multivariantPlaylist(presentation)
  expect(linesOf(playlist, '#EXT-X-MEDIA')).toEqual([
    expect.stringContaining('NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2"'),
    expect.stringContaining('NAME="Surround sound",DEFAULT=NO,AUTOSELECT=YES,CHANNELS="6"'),
    '#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="captions",NAME="Captions",DEFAULT=NO,AUTOSELECT=YES,INSTREAM-ID="CC1"',
  ])
  const variants = linesOf(playlist, '#EXT-X-STREAM-INF')
  // The first variant must be one that every player can decode.
  expect(variants[0]).toMatch(/CODECS="avc1.*VIDEO-RANGE=SDR,.*CLOSED-CAPTIONS="captions"/)
  expect(variants[1]).toMatch(/CODECS="hvc1.2.4.L120.B0,mp4a.40.2".*VIDEO-RANGE=PQ/)
  expect(variants.at(-1)).not.toContain('CLOSED-CAPTIONS')
})

test('the end: EXT-X-ENDLIST in every playlist, no hint, and the last part although it is short', () => {
  const presentation = createPresentation(testOptions())
  const sink = begin(presentation)
  writeAudio(sink, 0, 600)
  writeVideo(sink, videoNames, { fromMs: 0, toMs: 520 })
  presentation.end()

  for (const name of [...videoNames, 'audio']) {
    const playlist = playlistOf(presentation, name)
    expect(playlist.endsWith('#EXT-X-ENDLIST\n')).toBe(true)
    expect(playlist).not.toContain('PRELOAD-HINT')
  }
  expect(linesOf(playlistOf(presentation, '360p'), '#EXTINF')).toEqual(['#EXTINF:0.52000,'])
  expect(presentation.isEnded).toBe(true)
})

test('without parts a playlist has segments only, and appears with the first complete one', async () => {
  const presentation = createPresentation(testOptions({ partMs: null }))
  const sink = begin(presentation)
  writeAudio(sink, 0, 2200)
  writeVideo(sink, videoNames, { fromMs: 0, toMs: 1960 })
  expect(presentation.isPlayable).toBe(false)
  writeVideo(sink, videoNames, { fromMs: 1960, toMs: 2160 })
  await presentation.playable

  const playlist = playlistOf(presentation, '720p')
  expect(playlist).not.toMatch(/PART|HINT/)
  expect(playlist).toContain('CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,HOLD-BACK=6\n')
  expect(linesOf(playlist, '#EXT-X-RENDITION-REPORT')).toEqual([
    '#EXT-X-RENDITION-REPORT:URI="360p.m3u8",LAST-MSN=0',
    '#EXT-X-RENDITION-REPORT:URI="audio.m3u8",LAST-MSN=0',
  ])
})

test('old segments leave, old parts leave sooner, and both can still be fetched for a while', () => {
  const presentation = createPresentation(testOptions({ windowSegments: 6 }))
  const sink = begin(presentation)
  writeAudio(sink, 0, 20_500)
  writeVideo(sink, videoNames, { fromMs: 0, toMs: 20_480 })

  const playlist = playlistOf(presentation, '720p')
  expect(linesOf(playlist, '#EXT-X-MEDIA-SEQUENCE')).toEqual(['#EXT-X-MEDIA-SEQUENCE:4'])
  expect(linesOf(playlist, '#EXTINF')).toHaveLength(6)
  expect(playlist).toContain('URI="1/720p/7.0.m4s"')
  expect(playlist).not.toContain('URI="1/720p/5.0.m4s"')
  const stream = presentation.streams.get('720p')
  expect(stream?.segment(1, 2)).toBeDefined()
  expect(stream?.part({ epoch: 1, msn: 2, part: 0 })).toBeDefined()
})

test('a delta update skips what is older than the skip boundary, and only that', () => {
  const presentation = createPresentation(testOptions())
  const sink = begin(presentation)
  writeAudio(sink, 0, 24_500)
  writeVideo(sink, videoNames, { fromMs: 0, toMs: 24_480 })

  const full = playlistOf(presentation, '720p').split('\n')
  const delta = playlistOf(presentation, '720p', true).split('\n')
  expect(delta[1]).toBe('#EXT-X-VERSION:9')
  expect(delta[8]).toBe('#EXT-X-SKIP:SKIPPED-SEGMENTS=6')
  // Shaka Player 5.2 does not remember the init segment of the segments skipped.
  expect(delta[9]).toBe('#EXT-X-MAP:URI="1/720p/init.mp4"')
  const kept = full.slice(full.indexOf('1/720p/5.m4s') + 1)
  expect(delta.slice(10)).toEqual(kept)
})

test('the last part of a segment is followed by a hint for the next segment, in slower renditions too', () => {
  const presentation = createPresentation(testOptions())
  const sink = begin(presentation)
  writeAudio(sink, 0, 4500)
  writeVideo(sink, ['720p'], { fromMs: 0, toMs: 4000 })
  writeVideo(sink, ['360p'], { fromMs: 0, toMs: 2000 })

  expect(presentation.streams.get('720p')?.hint).toEqual({ epoch: 1, msn: 2, part: 0 })
  expect(presentation.streams.get('360p')?.hint).toEqual({ epoch: 1, msn: 1, part: 0 })
})
