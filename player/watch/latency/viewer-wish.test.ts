import { expect, test, vi } from 'vitest'
import { type ViewerWish, watchViewerWish } from './viewer-wish.ts'

/** Creates a video element on a visible page, and records the wishes that are inferred from its events. */
function watch({ hasGesture = true } = {}) {
  vi.stubGlobal('document', { hidden: false })
  vi.stubGlobal('navigator', { userActivation: { hasBeenActive: hasGesture } })
  const play = vi.fn(async () => {})
  const video = Object.assign(new EventTarget(), { ended: false, currentTime: 10, play })
  const wishes: ViewerWish[] = []
  const wish = watchViewerWish(video as unknown as HTMLVideoElement, {
    isLive: () => true,
    isFarBehind: () => false,
    onChange: (next) => wishes.push(next),
  })
  const fire = (...names: string[]) => {
    for (const name of names) video.dispatchEvent(new Event(name))
  }
  return { wish, wishes, play, fire }
}

test('a pause is the wish to be behind, and playing on near the live edge that to be live', () => {
  const { wish, wishes, play, fire } = watch()
  fire('pause')
  expect(wish.current).toBe('behind')
  fire('play')
  expect(wishes).toEqual(['behind', 'live'])
  expect(play).not.toHaveBeenCalled()
})

test('a pause right after a stall is not a wish: playback continues', () => {
  const { wish, play, fire } = watch()
  fire('waiting', 'playing', 'pause')
  expect(wish.current).toBe('live')
  expect(play).toHaveBeenCalledOnce()
})

test('a second pause after the same stall is the viewer’s', () => {
  const { wish, play, fire } = watch()
  fire('waiting', 'playing', 'pause', 'pause')
  expect(wish.current).toBe('behind')
  expect(play).toHaveBeenCalledOnce()
})

test('a pause before the first gesture is the browser’s', () => {
  const { wish, fire } = watch({ hasGesture: false })
  expect(wish.hasBrowserPaused).toBe(false)
  fire('pause')
  expect(wish).toMatchObject({ current: 'live', hasBrowserPaused: true })
})

test('a pause during a stall is the viewer’s', () => {
  const { wish, fire } = watch()
  fire('waiting', 'pause')
  expect(wish.current).toBe('behind')
})
