import { afterEach, expect, test } from 'vitest'
import type { VideoSource } from '../../core/media/source.ts'
import { createLog } from '../../core/process/log.ts'
import { plainFacts, plainPicture } from '../../test/kit/plain-source.ts'
import { createUnits } from '../../test/kit/transcoder/source-units.ts'
import { unusedEncoders } from '../../test/kit/transcoder/unused-encoders.ts'
import { createPresentation, type Presentation } from '../packager/packager.ts'
import { parseLadder } from '../plan/ladder.ts'
import { EpochSequence } from './epoch-sequence.ts'

/** Passed renditions need no encoder, so the path of ffmpeg does not matter. */
const encoders = unusedEncoders()
const h264: VideoSource = {
  codec: 'h264',
  codecString: null,
  width: 1280,
  height: 720,
  fps: 25,
  isBrowserFriendly: true,
  gopMs: null,
  bitrate: 3_000_000,
  ...plainPicture,
}

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

function setUp({ hasVideo = true } = {}) {
  const presentation = createPresentation({
    sessionId: 's_AAAAAAAAAAAAAAAAAAAAAA',
    slug: 'demo',
    partMs: 400,
    segmentMs: 2000,
    log: createLog('test', 'silent'),
  })
  const epochs: number[] = []
  let number = 0
  const sequence = new EpochSequence({
    presentation,
    encoders,
    planOptions: { ladder: parseLadder('off'), fillsParts: presentation.fillsParts },
    ...{ segmentMs: 2000, allowance: { count: 0, want() {} } },
    measured: () => ({
      source: { video: hasVideo ? h264 : null, audio: null, bitrate: 0, jitterMs: 0, ...plainFacts },
      expectedGopMs: 2000,
    }),
    nextNumber: () => ++number,
    onEpoch: (epoch) => epochs.push(epoch.number),
    log: createLog('test', 'silent'),
  })
  stops.push(() => sequence.stop())
  return { presentation, sequence, epochs, units: createUnits() }
}

type Units = ReturnType<typeof createUnits>

/** Adds video of 25 frames/s with a keyframe every 2 s, and audio. `video` or `audio` can be false. */
function play(
  sequence: EpochSequence,
  units: Units,
  {
    fromMs,
    toMs,
    video = true,
    audio = true,
  }: { fromMs: number; toMs: number; video?: boolean; audio?: boolean },
) {
  let audioMs = Math.ceil(fromMs / 21.333) * 21.333
  for (let ms = fromMs; ms < toMs; ms += 40) {
    if (video) sequence.add(units.videoFrame(ms, ms % 2000 === 0))
    for (; audio && audioMs < ms + 40; audioMs += 21.333) sequence.add(units.audioFrame(Math.round(audioMs)))
  }
}

/** Describes the segments of a rendition: `<msn> <epoch> <start, ms>`, then `discontinuity` or `gap`. */
const segmentsOf = (presentation: Presentation, name: string) => {
  const stream = presentation.streams.get(name)
  const segments = [...(stream?.window.listed ?? []), ...(stream?.open ? [stream.open] : [])]
  return segments.map(
    ({ msn, epoch, startMs, hasDiscontinuity, isGap }) =>
      `${msn} ${epoch} ${Math.round(startMs)}${hasDiscontinuity ? ' discontinuity' : ''}${isGap ? ' gap' : ''}`,
  )
}

test('media begins with the first keyframe, and both tracks have the same segments', () => {
  const { presentation, sequence, epochs, units } = setUp()
  sequence.add(units.videoConfig())
  sequence.add(units.audioConfig())
  play(sequence, units, { fromMs: 400, toMs: 6480 })
  expect(epochs).toEqual([1])
  expect(segmentsOf(presentation, '720p')).toEqual(['0 1 2000', '1 1 4000', '2 1 6000'])
  expect(segmentsOf(presentation, 'audio')).toEqual(['0 1 2005', '1 1 4010', '2 1 6016'])
})

test('a new size begins an epoch at its keyframe, sound at the same place', () => {
  const { presentation, sequence, epochs, units } = setUp()
  sequence.add(units.videoConfig())
  sequence.add(units.audioConfig())
  play(sequence, units, { fromMs: 0, toMs: 3000 })
  sequence.add(units.videoConfig('360p'))
  play(sequence, units, { fromMs: 3000, toMs: 6480 })
  expect(epochs).toEqual([1, 2])
  expect(segmentsOf(presentation, '720p')).toEqual([
    '0 1 0',
    '1 1 2000',
    '2 2 4000 discontinuity',
    '3 2 6000',
  ])
  const audio = segmentsOf(presentation, 'audio')
  expect(audio.map((line) => line.replace(/ \d{4}/, ''))).toEqual([
    ...['0 1 0', '1 1', '2 2 discontinuity', '3 2'],
  ])
  expect(presentation.streams.get('720p')?.track).toMatchObject({ width: 640, height: 360 })
})

test('the same configuration again changes nothing', () => {
  const { sequence, epochs, units } = setUp()
  for (let fromMs = 0; fromMs < 8000; fromMs += 2000) {
    sequence.add(units.videoConfig())
    sequence.add(units.audioConfig())
    play(sequence, units, { fromMs, toMs: fromMs + 2000 })
  }
  expect(epochs).toEqual([1])
})

test('sound that appears later is heard from the next keyframe on', () => {
  const { presentation, sequence, epochs, units } = setUp()
  sequence.add(units.videoConfig())
  play(sequence, units, { fromMs: 0, toMs: 3000, audio: false })
  sequence.add(units.audioConfig('44k'))
  play(sequence, units, { fromMs: 3000, toMs: 6480 })
  expect(epochs).toEqual([1, 2])
  expect(segmentsOf(presentation, 'audio').map((line) => line.replace(/ \d{4}/, ''))).toEqual([
    ...['0 1 0', '1 1', '2 2 discontinuity', '3 2'],
  ])
  expect(presentation.streams.get('audio')?.track).toMatchObject({ timescale: 44_100 })
})

test('picture that appears after sound alone has renditions of its own', () => {
  const { presentation, sequence, epochs, units } = setUp({ hasVideo: false })
  sequence.add(units.audioConfig())
  play(sequence, units, { fromMs: 0, toMs: 5000, video: false })
  expect([...presentation.streams.keys()]).toEqual(['audio'])
  sequence.add(units.videoConfig())
  play(sequence, units, { fromMs: 6000, toMs: 10_480 })
  expect(epochs).toEqual([1, 2])
  const video = segmentsOf(presentation, '720p').map((line) => line.split(' ')[0])
  const audio = segmentsOf(presentation, 'audio').map((line) => line.split(' ')[0])
  expect(video.length).toBe(3)
  expect(audio.slice(-3)).toEqual(video)
})

test('sound that comes after the keyframe of a new epoch still belongs to the old one', () => {
  const { presentation, sequence, units } = setUp()
  sequence.add(units.videoConfig())
  sequence.add(units.audioConfig())
  play(sequence, units, { fromMs: 0, toMs: 1900 })
  sequence.add(units.videoConfig('360p'))
  // All video up to 2.3 s arrives before the audio from 1.9 s on.
  for (let ms = 1900; ms < 2300; ms += 40) sequence.add(units.videoFrame(ms + 20, ms === 1980))
  for (let index = 89; index * 21.333 < 2300; index++)
    sequence.add(units.audioFrame(Math.round(index * 21.333)))
  const listed = presentation.streams.get('audio')?.window.listed.at(-1)
  expect(Math.round((listed?.startMs ?? 0) + (listed?.durationMs ?? 0))).toBeGreaterThan(1970)
  expect(segmentsOf(presentation, 'audio').at(-1)).toMatch(/^1 2 20\d\d discontinuity$/)
})

test('a picture that freezes is repeated as long as there is sound', () => {
  const { presentation, sequence, epochs, units } = setUp()
  sequence.add(units.videoConfig())
  sequence.add(units.audioConfig())
  play(sequence, units, { fromMs: 0, toMs: 3000 })
  for (let fromMs = 3000; fromMs < 9000; fromMs += 100) {
    play(sequence, units, { fromMs, toMs: fromMs + 100, video: false })
    sequence.tick(performance.now() + fromMs - 2900)
  }
  play(sequence, units, { fromMs: 9000, toMs: 14_480 })
  expect(epochs).toEqual([1])
  const [video, audio] = [segmentsOf(presentation, '720p'), segmentsOf(presentation, 'audio')]
  expect(video.map((line) => line.split(' ')[0])).toEqual(audio.map((line) => line.split(' ')[0]))
  expect([...video, ...audio].some((line) => /gap|discontinuity/.test(line))).toBe(false)
})

test.each([
  ['20 s with the same settings', 20_000, '720p', true],
  ['half a second with the same settings', 520, '720p', true],
  ['20 s with another size and no sound', 20_000, '360p', false],
] as const)(
  'a publisher that was away for %s begins an epoch after a discontinuity',
  (_, awayMs, size, audio) => {
    const { presentation, sequence, epochs, units } = setUp()
    sequence.add(units.videoConfig())
    sequence.add(units.audioConfig())
    play(sequence, units, { fromMs: 0, toMs: 3000 })
    sequence.interrupt()
    sequence.interrupt()
    expect(sequence.isInterrupted).toBe(true)
    const whole = ['0 1 0', '1 1 2000']
    expect(segmentsOf(presentation, '720p')).toEqual(whole)
    expect(presentation.streams.get('720p')?.open).toBeUndefined()

    const backMs = 3000 + awayMs
    const keyframeMs = Math.ceil(backMs / 2000) * 2000
    sequence.add(units.videoConfig(size))
    if (audio) sequence.add(units.audioConfig())
    play(sequence, units, { fromMs: backMs, toMs: keyframeMs + 4480, audio })
    expect(sequence.isInterrupted).toBe(false)
    expect(epochs).toEqual([1, 2])
    const video = segmentsOf(presentation, '720p')
    expect(video).toEqual([...whole, `2 2 ${keyframeMs} discontinuity`, ...video.slice(3)])
    const sound = segmentsOf(presentation, 'audio')
    const placesOf = (lines: string[]) => lines.map((line) => line.replace(/(?<=^\d+ \d+) \d+/, ''))
    expect(placesOf(sound)).toEqual(placesOf(video).slice(0, sound.length))
    expect(sound.length).toBeGreaterThanOrEqual(4)
    expect(presentation.discontinuity).toBe(1)
    expect(presentation.streams.get('720p')?.track).toMatchObject({ height: size === '720p' ? 720 : 360 })
  },
)

test('the end of a session that is interrupted publishes nothing more', async () => {
  const { presentation, sequence, units } = setUp()
  sequence.add(units.videoConfig())
  sequence.add(units.audioConfig())
  play(sequence, units, { fromMs: 0, toMs: 2480 })
  sequence.interrupt()
  await sequence.finish()
  expect(segmentsOf(presentation, '720p')).toEqual(['0 1 0', '1 1 2000'])
})

test('after the end nothing is added', async () => {
  const { presentation, sequence, units } = setUp()
  sequence.add(units.videoConfig())
  sequence.add(units.audioConfig())
  play(sequence, units, { fromMs: 0, toMs: 2480 })
  await sequence.finish()
  const before = segmentsOf(presentation, '720p')
  expect(before).toEqual(['0 1 0', '1 1 2000'])
  await sequence.stop()
  play(sequence, units, { fromMs: 2480, toMs: 5000 })
  expect(segmentsOf(presentation, '720p')).toEqual(before)
})
