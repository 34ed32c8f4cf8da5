import { expect, test, vi } from 'vitest'
import type { EpochOptions, Presentation } from './interface.ts'
import { mediaPlaylist } from './playlist/media-playlist.ts'
import { multivariantPlaylist } from './playlist/multivariant-playlist.ts'
import { createPresentation } from './presentation.ts'
import { audioHeader, testOptions, videoFrame, videoHeader, writeAudio, writeVideo } from './test-media.ts'

const pictures = ['720p', '360p']

function begin(presentation: Presentation, options: Partial<EpochOptions> = {}) {
  const sink = presentation.beginEpoch({ epoch: 1, audio: 'pipe', frameMs: 40, ...options })
  for (const name of pictures) sink.write(name, videoHeader())
  if (options.audio !== 'silent') sink.write('audio', audioHeader())
  return sink
}

function playlistOf(presentation: Presentation, name: string, isDelta = false) {
  const stream = presentation.streams.get(name)
  if (!stream) throw new Error(`no ${name}`)
  return mediaPlaylist(presentation, stream, isDelta)
}

/** Tags of a kind in a playlist. */
const linesOf = (playlist: string, start: string) =>
  playlist.split('\n').filter((line) => line.startsWith(start))

test('a live playlist, whole', () => {
  vi.setSystemTime(new Date('2026-01-01T00:00:00Z'))
  const presentation = createPresentation(testOptions())
  const sink = begin(presentation)
  writeAudio(sink, 0, 2500)
  writeVideo(sink, pictures, { fromMs: 0, toMs: 2480 })
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

test('the multivariant playlist tells what was measured', () => {
  const presentation = createPresentation(testOptions())
  const sink = begin(presentation)
  writeAudio(sink, 0, 2500)
  writeVideo(sink, pictures, { fromMs: 0, toMs: 2480 })

  expect(multivariantPlaylist(presentation)).toBe(`#EXTM3U
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="s_AAAAAAAAAAAAAAAAAAAAAA/audio.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=30421,AVERAGE-BANDWIDTH=30421,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=25.000,AUDIO="audio"
s_AAAAAAAAAAAAAAAAAAAAAA/720p.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=30421,AVERAGE-BANDWIDTH=30421,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=25.000,AUDIO="audio"
s_AAAAAAAAAAAAAAAAAAAAAA/360p.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=7461,AVERAGE-BANDWIDTH=7461,CODECS="mp4a.40.2",AUDIO="audio"
s_AAAAAAAAAAAAAAAAAAAAAA/audio.m3u8
`)
})

test('the end: ENDLIST in every playlist, no hint, and the last part though it is short', () => {
  const presentation = createPresentation(testOptions())
  const sink = begin(presentation)
  writeAudio(sink, 0, 600)
  writeVideo(sink, pictures, { fromMs: 0, toMs: 520 })
  presentation.end()

  for (const name of [...pictures, 'audio']) {
    const playlist = playlistOf(presentation, name)
    expect(playlist.endsWith('#EXT-X-ENDLIST\n')).toBe(true)
    expect(playlist).not.toContain('PRELOAD-HINT')
  }
  expect(linesOf(playlistOf(presentation, '360p'), '#EXTINF')).toEqual(['#EXTINF:0.52000,'])
  expect(presentation.isEnded).toBe(true)
})

test('without parts a playlist has segments only, and appears with the first whole one', async () => {
  const presentation = createPresentation(testOptions({ partMs: null }))
  const sink = begin(presentation)
  writeAudio(sink, 0, 2200)
  writeVideo(sink, pictures, { fromMs: 0, toMs: 1960 })
  expect(presentation.isPlayable).toBe(false)
  writeVideo(sink, pictures, { fromMs: 1960, toMs: 2160 })
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
  writeVideo(sink, pictures, { fromMs: 0, toMs: 20_480 })

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
  writeVideo(sink, pictures, { fromMs: 0, toMs: 24_480 })

  const full = playlistOf(presentation, '720p').split('\n')
  const delta = playlistOf(presentation, '720p', true).split('\n')
  expect(delta[1]).toBe('#EXT-X-VERSION:9')
  expect(delta[8]).toBe('#EXT-X-SKIP:SKIPPED-SEGMENTS=6')
  const kept = full.slice(full.indexOf('1/720p/5.m4s') + 1)
  expect(delta.slice(9)).toEqual(kept)
})

test('a new epoch goes on where the old one ended: discontinuity, new init, aligned numbers', () => {
  const presentation = createPresentation(testOptions())
  const first = begin(presentation)
  writeAudio(first, 0, 3000)
  writeVideo(first, ['720p'], { fromMs: 0, toMs: 3000 })
  writeVideo(first, ['360p'], { fromMs: 0, toMs: 2800 })
  const second = begin(presentation, { epoch: 2 })
  writeVideo(first, pictures, { fromMs: 3000, toMs: 4000 })
  writeAudio(second, 0, 5000)
  writeVideo(second, pictures, { fromMs: 0, toMs: 4840, gopMs: 1000 })

  for (const name of pictures) {
    const playlist = playlistOf(presentation, name)
    const change = playlist.slice(playlist.indexOf(`1/${name}/1.m4s\n`))
    expect(change).toMatch(
      new RegExp(
        `^1/${name}/1.m4s\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="2/${name}/init.mp4"\n#EXT-X-PROGRAM`,
      ),
    )
    expect(change).toContain(`URI="2/${name}/2.0.m4s",INDEPENDENT=YES`)
  }
  const starts = pictures.map((name) => presentation.streams.get(name)?.open?.startMs)
  expect(starts).toEqual([3000, 3000])
  expect(presentation.discontinuity).toBe(1)
  expect(playlistOf(presentation, 'audio')).toContain(
    '#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="2/audio/init.mp4"',
  )
})

test('a rendition that missed a segment at the end of an epoch gets a gap in its place', () => {
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

test('a publisher that comes back with other timestamps goes on later in time', () => {
  vi.setSystemTime(new Date('2026-01-01T00:00:00Z'))
  const presentation = createPresentation(testOptions())
  const first = begin(presentation)
  writeAudio(first, 0, 1300)
  writeVideo(first, pictures, { fromMs: 0, toMs: 1200 })
  first.end()
  vi.setSystemTime(new Date('2026-01-01T00:00:09Z'))
  const second = begin(presentation, { epoch: 2, timeline: 'new' })
  writeAudio(second, 0, 900)
  writeVideo(second, pictures, { fromMs: 0, toMs: 800 })
  vi.useRealTimers()

  expect(linesOf(playlistOf(presentation, '720p'), '#EXT-X-PROGRAM')).toEqual([
    '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z',
    '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:09.000Z',
  ])
})

test('a source without sound gets silence as long as its pictures', () => {
  const presentation = createPresentation(testOptions())
  const sink = begin(presentation, { audio: 'silent' })
  writeVideo(sink, pictures, { fromMs: 0, toMs: 4480 })

  expect(presentation.isPlayable).toBe(true)
  const durations = linesOf(playlistOf(presentation, 'audio'), '#EXTINF')
  expect(durations).toEqual(['#EXTINF:2.00533,', '#EXTINF:2.00533,'])
})

test('sound that stops is silence until it comes back', () => {
  const presentation = createPresentation(testOptions())
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0)
  const sink = begin(presentation)
  writeAudio(sink, 0, 1000)
  writeVideo(sink, pictures, { fromMs: 0, toMs: 1000 })
  clock.mockReturnValue(1500)
  writeVideo(sink, pictures, { fromMs: 1000, toMs: 2480 })
  clock.mockRestore()

  expect(linesOf(playlistOf(presentation, 'audio'), '#EXTINF')).toEqual(['#EXTINF:2.00533,'])
  writeAudio(sink, 0, 4500)
  writeVideo(sink, pictures, { fromMs: 2480, toMs: 4480 })
  expect(linesOf(playlistOf(presentation, 'audio'), '#EXTINF')).toEqual([
    '#EXTINF:2.00533,',
    '#EXTINF:2.00533,',
  ])
})

test('a GOP that is too long is told before its segment breaks the target duration', () => {
  const presentation = createPresentation(testOptions())
  const told: [number, number][] = []
  const sink = begin(presentation, {
    onGopTooLong: (ms) => told.push([ms, presentation.mediaEndMs('720p') ?? 0]),
  })
  writeAudio(sink, 0, 10_000)
  writeVideo(sink, pictures, { fromMs: 0, toMs: 10_000, gopMs: 8000 })

  expect(told).toEqual([[2080, 2000]])
  for (const name of [...pictures, 'audio'])
    for (const line of linesOf(playlistOf(presentation, name), '#EXTINF'))
      expect(Math.round(Number(line.slice(8, -1)))).toBeLessThanOrEqual(2)
})

test('bytes that are no media end the epoch and leave the presentation as it is', () => {
  const presentation = createPresentation(testOptions())
  const failures: string[] = []
  const sink = begin(presentation, { onFailure: (error) => failures.push(error.message) })
  writeAudio(sink, 0, 600)
  writeVideo(sink, pictures, { fromMs: 0, toMs: 520 })
  sink.write('720p', Buffer.from('this is not a box, not at all'))
  sink.write('720p', videoFrame({ startMs: 520, durationMs: 40 }))

  expect(failures).toHaveLength(1)
  expect(linesOf(playlistOf(presentation, '720p'), '#EXTINF')).toEqual(['#EXTINF:0.52000,'])
  expect(presentation.isEnded).toBe(false)
})

test('a takeover goes on with numbers it was given', () => {
  const presentation = createPresentation(testOptions({ startMsn: 41, startDiscontinuity: 2 }))
  const sink = begin(presentation, { epoch: 3 })
  writeAudio(sink, 0, 900)
  writeVideo(sink, pictures, { fromMs: 0, toMs: 800 })

  const playlist = playlistOf(presentation, '720p')
  expect(playlist).toContain(
    '#EXT-X-MEDIA-SEQUENCE:41\n#EXT-X-DISCONTINUITY-SEQUENCE:2\n#EXT-X-DISCONTINUITY\n',
  )
  expect(presentation.discontinuity).toBe(3)
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

test('sound alone makes segments by itself', async () => {
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
    expect.stringMatching(/^#EXT-X-STREAM-INF:BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,CODECS="mp4a.40.2"$/),
    's_AAAAAAAAAAAAAAAAAAAAAA/audio.m3u8',
  ])
})

test('sound that was promised and does not come is silence, and is told of when it does', () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0)
  const presentation = createPresentation(testOptions())
  const onAudioLate = vi.fn()
  const sink = presentation.beginEpoch({ epoch: 1, audio: 'pipe', frameMs: 40, onAudioLate })
  for (const name of pictures) sink.write(name, videoHeader())
  writeVideo(sink, pictures, { fromMs: 0, toMs: 1200 })
  expect(presentation.isPlayable).toBe(false)
  clock.mockReturnValue(1200)
  writeVideo(sink, pictures, { fromMs: 1200, toMs: 2480 })
  expect(linesOf(playlistOf(presentation, 'audio'), '#EXTINF')).toEqual(['#EXTINF:2.00533,'])
  expect(onAudioLate).not.toHaveBeenCalled()
  sink.write('audio', audioHeader())
  writeAudio(sink, 2000, 3000)
  expect(onAudioLate).toHaveBeenCalledOnce()
  clock.mockRestore()
})

test('no damage to the bytes of a pipe can throw', () => {
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
    writeVideo(sink, pictures, { fromMs: 0, toMs: 640 })
    const bytes = Buffer.concat([640, 680, 720].map((startMs) => videoFrame({ startMs, durationMs: 40 })))
    for (let hit = 0; hit <= random(4); hit++) bytes[random(bytes.length)] = random(256)
    for (let at = 0; at < bytes.length; at += 50) sink.write('720p', bytes.subarray(at, at + 50))
    presentation.end()
    expect(presentation.isEnded).toBe(true)
  }
  expect(failures).toBeGreaterThan(10)
})
