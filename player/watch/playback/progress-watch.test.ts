import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchProgress } from './progress-watch.ts'

/** The part of a video element that is watched, whose playhead the test moves. */
class Video extends EventTarget {
  currentTime = 0
  paused = false
  #onFrame: (() => void) | undefined

  requestVideoFrameCallback(onFrame: () => void) {
    this.#onFrame = onFrame
    return 1
  }

  cancelVideoFrameCallback() {
    this.#onFrame = undefined
  }

  showFirstFrame() {
    this.#onFrame?.()
  }

  async play(seconds: number) {
    for (let tenths = 0; tenths < seconds * 10; tenths++) {
      this.currentTime += 0.1
      await vi.advanceTimersByTimeAsync(100)
    }
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('document', { hidden: false })
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function watched(isAway = false) {
  const video = new Video()
  const events: string[] = []
  const watch = watchProgress(
    video as unknown as HTMLVideoElement,
    ({ type }) => events.push(type),
    () => isAway,
  )
  return { video, events, watch }
}

test('the first frame is playback, and a playhead that stands still for a second is a stall', async () => {
  const { video, events } = watched()
  video.showFirstFrame()
  await video.play(2)
  expect(events).toEqual(['playing'])
  await vi.advanceTimersByTimeAsync(1500)
  expect(events).toEqual(['playing', 'stalled'])
  await video.play(1)
  expect(events).toEqual(['playing', 'stalled', 'playing'])
})

test.each([
  ['a stall', false, 'stalled'],
  ['an absence of the publisher', true, 'away'],
])('a nudge of the playhead does not end %s', async (_name, isAway, state) => {
  const { video, events } = watched(isAway)
  video.showFirstFrame()
  await video.play(1)
  await vi.advanceTimersByTimeAsync(4000)
  expect(events.at(-1)).toBe(state)
  for (let nudge = 0; nudge < 3; nudge++) {
    video.currentTime += 0.1
    await vi.advanceTimersByTimeAsync(1000)
  }
  expect(events.filter((type) => type === 'playing')).toHaveLength(1)
  await video.play(1)
  expect(events.at(-1)).toBe('playing')
})

test('nudges do not delay the report that playback is lost', async () => {
  const { video, events } = watched()
  video.showFirstFrame()
  await video.play(1)
  for (let second = 0; second < 10; second++) {
    await vi.advanceTimersByTimeAsync(1000)
    if (second % 3 === 2) video.currentTime += 0.1
  }
  await vi.advanceTimersByTimeAsync(500)
  expect(events).toEqual(['playing', 'stalled', 'lost'])
})

test('a pause of the viewer is no stall', async () => {
  const { video, events } = watched()
  video.showFirstFrame()
  await video.play(1)
  video.paused = true
  await vi.advanceTimersByTimeAsync(20_000)
  expect(events).toEqual(['playing'])
})

test('nothing is reported after the watch is closed', async () => {
  const { video, events, watch } = watched()
  watch.close()
  video.showFirstFrame()
  await vi.advanceTimersByTimeAsync(20_000)
  expect(events).toEqual([])
})
