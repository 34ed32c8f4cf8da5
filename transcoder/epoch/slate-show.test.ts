import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLog } from '../../core/process/log.ts'
import { plainFacts, plainPicture } from '../../test/kit/plain-source.ts'
import { avcRecords, createUnits } from '../../test/kit/transcoder/source-units.ts'
import { unusedEncoders } from '../../test/kit/transcoder/unused-encoders.ts'
import { createPresentation, type Presentation } from '../packager/packager.ts'
import { parseLadder } from '../plan/ladder.ts'
import type { SlateMedia } from '../slate/slate-media.ts'
import type { VideoUnit } from '../source/media-unit.ts'
import { EpochSequence } from './epoch-sequence.ts'

const log = createLog('test', 'silent')
const units = createUnits()
const stops: (() => Promise<void>)[] = []
beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  vi.useRealTimers()
})

/** A slate of 3 s, whose second GOP is 1 s long, for one rendition. */
const slate: SlateMedia = {
  lengthMs: 3000,
  fps: 25,
  renditions: new Map([
    [
      '720p',
      {
        record: Buffer.from(avcRecords['360p'], 'hex'),
        frames: Array.from(
          { length: 75 },
          (_, index) => units.videoFrame(index * 40, index % 50 === 0) as VideoUnit,
        ),
      },
    ],
  ]),
}

function setUp(slateOf: () => SlateMedia | undefined = () => slate) {
  const presentation = createPresentation({
    sessionId: 's_AAAAAAAAAAAAAAAAAAAAAA',
    slug: 'demo',
    partMs: 400,
    segmentMs: 2000,
    log,
  })
  let number = 0
  const sequence = new EpochSequence({
    presentation,
    encoders: unusedEncoders(),
    planOptions: { ladder: parseLadder('off'), fillsParts: presentation.fillsParts },
    ...{ segmentMs: 2000, allowance: { count: 0, want() {} } },
    measured: () => ({
      source: {
        video: {
          ...{ codec: 'h264', codecString: null, width: 1280, height: 720, fps: 25, gopMs: null },
          ...{ isBrowserFriendly: true, bitrate: 3_000_000, ...plainPicture },
        },
        ...{ audio: null, bitrate: 0, jitterMs: 0, ...plainFacts },
      },
      expectedGopMs: 2000,
    }),
    nextNumber: () => ++number,
    onEpoch() {},
    slateOf,
    log,
  })
  stops.push(() => sequence.stop())

  /** Adds video with a keyframe every 2 s, and audio, in real time. */
  async function play(fromMs: number, toMs: number) {
    let audioMs = fromMs
    for (let ms = fromMs; ms < toMs; ms += 40) {
      sequence.add(units.videoFrame(ms, (ms - fromMs) % 2000 === 0))
      for (; audioMs < ms + 40; audioMs += 21.333) sequence.add(units.audioFrame(Math.round(audioMs)))
      await vi.advanceTimersByTimeAsync(40)
    }
  }

  async function begin() {
    sequence.add(units.videoConfig())
    sequence.add(units.audioConfig())
    await play(0, 5000)
  }
  return { presentation, sequence, play, begin }
}

/** Describes the segments of a rendition: `<msn> <epoch> <start>–<end, ms>`, then `discontinuity`. */
function segmentsOf(presentation: Presentation, name: string) {
  const stream = presentation.streams.get(name)
  const segments = [...(stream?.window.listed ?? []), ...(stream?.open ? [stream.open] : [])]
  return segments.map(({ msn, epoch, startMs, hasDiscontinuity, parts }) => {
    const endMs = Math.round(parts.at(-1)?.endMs ?? 0)
    return `${msn} ${epoch} ${Math.round(startMs)}–${endMs}${hasDiscontinuity ? ' discontinuity' : ''}`
  })
}

/** Segments of the video before the publisher is gone. */
const beforeIt = ['0 1 0–2000', '1 1 2000–4000', '2 1 4000–5000']

test('while the publisher is gone the slate is shown, and the next publish follows it', async () => {
  const { presentation, sequence, play, begin } = setUp()
  await begin()
  sequence.interrupt()
  await vi.advanceTimersByTimeAsync(7000)
  expect(presentation.streams.get('720p')?.track).toMatchObject({ width: 640, height: 360 })
  sequence.add(units.videoConfig())
  sequence.add(units.audioConfig())
  await play(12_000, 16_000)
  expect(segmentsOf(presentation, '720p')).toEqual([
    ...beforeIt,
    ...[
      '3 2 5014–7014 discontinuity',
      '4 2 7014–8014',
      '5 2 8014–10014',
      '6 2 10014–11014',
      '7 2 11014–11734',
    ],
    ...['8 3 12000–14000 discontinuity', '9 3 14000–16000'],
  ])
  expect(segmentsOf(presentation, 'audio')).toEqual([
    ...['0 1 0–2005', '1 1 2005–4011', '2 1 4011–5013'],
    ...[
      '3 2 5014–7019 discontinuity',
      '4 2 7019–8022',
      '5 2 8022–10027',
      '6 2 10027–11030',
      '7 2 11030–11734',
    ],
    ...['8 3 12000–14005 discontinuity', '9 3 14005–15925'],
  ])
  expect(presentation.streams.get('720p')?.track).toMatchObject({ width: 1280, height: 720 })
})

test('a slate that is ready late begins near the present time, and one that is not ready is not shown', async () => {
  let media: SlateMedia | undefined
  const { presentation, sequence, begin } = setUp(() => media)
  await begin()
  sequence.showSlate()
  sequence.interrupt()
  await vi.advanceTimersByTimeAsync(9000)
  expect(segmentsOf(presentation, '720p')).toEqual(beforeIt)
  media = slate
  sequence.showSlate()
  await vi.advanceTimersByTimeAsync(3000)
  expect(segmentsOf(presentation, '720p')).toEqual([
    ...beforeIt,
    ...['3 2 9750–11750 discontinuity', '4 2 11750–12750', '5 2 12750–14750'],
    ...['6 2 14750–15750', '7 2 15750–16550'],
  ])
})

test('a session that ends while the slate is shown ends where the slate is', async () => {
  const { presentation, sequence, begin } = setUp()
  await begin()
  sequence.interrupt()
  await vi.advanceTimersByTimeAsync(3000)
  await sequence.finish()
  presentation.end()
  const ended = segmentsOf(presentation, '720p')
  expect(ended).toEqual([...beforeIt, '3 2 5014–7014 discontinuity', '4 2 7014–7734'])
  await vi.advanceTimersByTimeAsync(3000)
  expect(segmentsOf(presentation, '720p')).toEqual(ended)
})

test('a publisher that is back at once is not followed by the slate', async () => {
  const { presentation, sequence, play, begin } = setUp()
  await begin()
  sequence.interrupt()
  sequence.add(units.videoConfig())
  sequence.add(units.audioConfig())
  await play(5040, 8000)
  expect(segmentsOf(presentation, '720p')).toEqual([
    ...beforeIt,
    ...['3 2 5040–7040 discontinuity', '4 2 7040–7840'],
  ])
})

/** Lets time pass with the regular work of a session. */
async function wait(sequence: EpochSequence, ms: number) {
  for (let passed = 0; passed < ms; passed += 100) {
    await vi.advanceTimersByTimeAsync(100)
    if (!sequence.isInterrupted) sequence.tick()
  }
}

test('a connected publisher that sends nothing for three seconds is replaced by the slate, and keeps its sound', async () => {
  const { presentation, sequence, play, begin } = setUp()
  await begin()
  await wait(sequence, 2900)
  expect(sequence.isInterrupted).toBe(false)
  await wait(sequence, 5100)
  expect(sequence.isInterrupted).toBe(true)
  await play(13_000, 16_000)
  expect(segmentsOf(presentation, '720p')).toEqual([
    ...beforeIt,
    ...['3 2 5014–7014 discontinuity', '4 2 7014–8014', '5 2 8014–10014', '6 2 10014–11014'],
    ...['7 2 11014–12734', '8 3 13000–15000 discontinuity', '9 3 15000–15800'],
  ])
  expect(sequence.current?.plan.audio).toBe('passed')
})

test('media from before the end of the slate is not published, and the slate waits for what follows', async () => {
  const { presentation, sequence, play, begin } = setUp()
  await begin()
  await wait(sequence, 8000)
  await play(10_000, 16_000)
  expect(segmentsOf(presentation, '720p').slice(-2)).toEqual([
    '7 2 11014–12734',
    '8 3 14000–16000 discontinuity',
  ])
})

test('a pause without a slate is a still picture', async () => {
  const { sequence, begin } = setUp(() => undefined)
  await begin()
  await wait(sequence, 8000)
  expect(sequence.isInterrupted).toBe(false)
})
