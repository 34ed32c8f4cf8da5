import { expect, test, vi } from 'vitest'
import { play } from './play.ts'

/** Creates a video element that plays only when `mayPlay` returns true. */
function element(mayPlay: (isMuted: boolean) => boolean) {
  const video = {
    muted: false,
    play: vi.fn(async () => {
      if (!mayPlay(video.muted)) throw new DOMException('no gesture', 'NotAllowedError')
    }),
  }
  return video
}
const run = (video: object) => play(video as HTMLVideoElement)

test('plays with sound where the browser allows it', async () => {
  const video = element(() => true)
  await run(video)
  expect(video.muted).toBe(false)
})

test('plays muted where the browser forbids sound', async () => {
  const video = element((isMuted) => isMuted)
  await run(video)
  expect(video.muted).toBe(true)
  expect(video.play).toHaveBeenCalledTimes(2)
})

test('resolves where the browser forbids playback', async () => {
  const video = element(() => false)
  await run(video)
  expect(video.play).toHaveBeenCalledTimes(2)
})
