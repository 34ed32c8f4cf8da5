import { afterEach, expect, test } from 'vitest'
import { createLog } from '../../core/process/log.ts'
import { source } from '../../test/kit/manager/live-data.ts'
import { createUnits } from '../../test/kit/transcoder/source-units.ts'
import { unusedEncoders } from '../../test/kit/transcoder/unused-encoders.ts'
import { createPresentation } from '../packager/packager.ts'
import { parseLadder } from '../plan/ladder.ts'
import { createRoom, growAfterMs } from '../room/room.ts'
import { EpochSequence } from './epoch-sequence.ts'

const log = createLog('test', 'silent')
/** No test waits for media of an encoder, so it may be missing. */
const encoders = unusedEncoders()
/** Another session, for which there is no room beside the full ladder of the source. */
const guest = { renditions: [10], minimum: 0 } as const

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** Starts a session with the ladder 480, 360 and 240, in a room in which it fits alone. */
function setUp(expectedGopMs: number) {
  const clock = { now: 0 }
  const room = createRoom({ capacity: 23, now: () => clock.now })
  const presentation = createPresentation({
    ...{ sessionId: 's_AAAAAAAAAAAAAAAAAAAAAA', slug: 'demo', partMs: 400, segmentMs: 2000, log },
  })
  const epochs: string[] = []
  const sequence = new EpochSequence({
    ...{ presentation, encoders, segmentMs: 2000, log },
    planOptions: { ladder: parseLadder('source,480,360,240'), fillsParts: presentation.fillsParts },
    allowance: room.allowanceOf('own'),
    measured: () => ({
      source: { ...source, video: source.video && { ...source.video, gopMs: null } },
      expectedGopMs,
    }),
    nextNumber: () => epochs.length + 1,
    onEpoch: ({ plan, fromMs }) => epochs.push(`${fromMs} ${plan.video.map(({ name }) => name)}`),
  })
  stops.push(() => sequence.stop())
  const units = createUnits()
  sequence.add(units.videoConfig())
  return {
    ...{ room, sequence, epochs, units },
    wait: (ms: number) => (clock.now += ms),
    /** Adds video of 25 frames/s with a keyframe every `gopMs`. */
    play(fromMs: number, toMs: number, gopMs: number): void {
      for (let ms = fromMs; ms < toMs; ms += 40) {
        sequence.add(units.videoFrame(ms, ms % gopMs === 0))
        sequence.tick()
      }
    },
  }
}

test('a ladder shrinks at the next keyframe, and grows at a keyframe after a while of room', () => {
  const { room, epochs, play, wait } = setUp(2000)
  play(0, 3000, 2000)
  room.enter('guest', 1, guest)
  play(3000, 9000, 2000)
  room.leave('guest')
  wait(growAfterMs - 1)
  play(9000, 13_000, 2000)
  wait(1)
  play(13_000, 15_000, 2000)
  expect(epochs).toEqual(['0 720p,480p,360p,240p', '4000 720p,360p,240p', '14000 720p,480p,360p,240p'])
})

test('where keyframes are too rare to wait for, the new encoder has time to start first', () => {
  const { room, epochs, play } = setUp(20_000)
  play(0, 1000, 20_000)
  room.enter('guest', 1, guest)
  play(1000, 4000, 20_000)
  const [first, second, ...more] = epochs
  expect(first).toBe('0 480p,360p,240p')
  expect(second).toBe('1400 360p,240p')
  expect(more).toEqual([])
})

test('while the publisher is gone, its session needs no room', () => {
  const { room, sequence, epochs, play, units } = setUp(2000)
  play(0, 3000, 2000)
  sequence.interrupt()
  expect(room.figures().wanted).toBe(0)
  sequence.add(units.videoConfig())
  play(6000, 7000, 2000)
  expect(epochs).toEqual(['0 720p,480p,360p,240p', '6000 720p,480p,360p,240p'])
  expect(room.figures().wanted).toBeGreaterThan(20)
})
