import { play } from './play.ts'

/** Maximum number of reversals within `periodMs`: bounds a loop with a browser that pauses each time. */
const maxReversals = 10
const periodMs = 10_000

/**
 * Keeps the video element muted and playing until the first gesture of the viewer. Without a sound device,
 * WebKitGTK unmutes the element after the start and after seeks, and pauses it because sound needs a gesture.
 * Pauses of hidden pages stay: browsers save power with them. Does nothing in browsers without
 * `navigator.userActivation`.
 */
export function keepPlaying(video: HTMLVideoElement): void {
  let reversedAt: number[] = []

  function mayReverse(): boolean {
    if (navigator.userActivation?.hasBeenActive !== false || document.hidden) return false
    const now = performance.now()
    reversedAt = reversedAt.filter((at) => now - at < periodMs)
    return reversedAt.push(now) <= maxReversals
  }

  video.addEventListener('volumechange', () => {
    if (!video.muted && mayReverse()) video.muted = true
  })
  video.addEventListener('pause', () => {
    if (video.ended || !mayReverse()) return
    video.muted = true
    void play(video)
  })
}
