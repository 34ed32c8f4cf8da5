import { afterEach, expect, test, vi } from 'vitest'
import { keepPlaying } from './keep-playing.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** A muted video element that plays, on a page that is visible and without a gesture unless stated. */
function watch({ hasGesture = false, isHidden = false } = {}) {
  vi.stubGlobal('navigator', { userActivation: { hasBeenActive: hasGesture } })
  vi.stubGlobal('document', { hidden: isHidden })
  const video = Object.assign(new EventTarget(), {
    muted: true,
    paused: false,
    ended: false,
    currentTime: 0,
    readyState: 4,
    HAVE_FUTURE_DATA: 3,
    pause() {
      video.paused = true
      video.dispatchEvent(new Event('pause'))
    },
    play: vi.fn(async () => {
      video.paused = false
    }),
  })
  keepPlaying(video as unknown as HTMLVideoElement)
  return {
    video,
    unmute() {
      video.muted = false
      video.dispatchEvent(new Event('volumechange'))
    },
    pause: () => video.pause(),
  }
}

test('before a gesture, an unmuting and a pause of the browser are reversed', () => {
  const { video, unmute, pause } = watch()
  unmute()
  expect(video.muted).toBe(true)
  pause()
  expect(video.paused).toBe(false)
})

test('plays on muted when the browser pauses before the event of the unmuting', () => {
  const { video, pause } = watch()
  video.muted = false
  pause()
  expect(video).toMatchObject({ muted: true, paused: false })
})

test('after a gesture, an unmuting and a pause stay', () => {
  const { video, unmute, pause } = watch({ hasGesture: true })
  unmute()
  pause()
  expect(video).toMatchObject({ muted: false, paused: true })
  expect(video.play).not.toHaveBeenCalled()
})

test('the pause of a hidden page stays', () => {
  const { video, pause } = watch({ isHidden: true })
  pause()
  expect(video.paused).toBe(true)
})

test('a pause at the end of the media stays', () => {
  const { video, pause } = watch()
  video.ended = true
  pause()
  expect(video.paused).toBe(true)
})

test('at most ten reversals are made within ten seconds', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const { video, unmute } = watch()
  for (let time = 0; time < 10; time++) {
    unmute()
    expect(video.muted).toBe(true)
  }
  unmute()
  expect(video.muted).toBe(false)
  vi.advanceTimersByTime(10_000)
  unmute()
  expect(video.muted).toBe(true)
})

test('after ten reversals playback begins again two seconds later', () => {
  vi.useFakeTimers()
  const { video, pause } = watch()
  for (let time = 0; time < 11; time++) pause()
  expect(video.paused).toBe(true)
  video.muted = false
  vi.advanceTimersByTime(2000)
  expect(video).toMatchObject({ muted: true, paused: false })
})

test('a picture that stays still after a reversal is paused and played once more', () => {
  vi.useFakeTimers()
  const { video, pause } = watch()
  pause()
  expect(video.play).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(1000)
  expect(video.play).toHaveBeenCalledTimes(2)
  video.currentTime = 1
  vi.advanceTimersByTime(1000)
  expect(video.play, 'it moves').toHaveBeenCalledTimes(2)
})

test('a still picture without media is left alone', () => {
  vi.useFakeTimers()
  const { video, pause } = watch()
  video.readyState = 2
  pause()
  vi.advanceTimersByTime(1000)
  expect(video.play).toHaveBeenCalledTimes(1)
})
