/**
 * Starts playback. Where the browser forbids sound without a gesture of the viewer, starts it muted. This
 * also happens to an element that is muted at first, because WebKitGTK may unmute and then pause it. Never
 * rejects: where the browser forbids playback altogether, the element stays paused.
 */
export async function play(video: HTMLVideoElement): Promise<void> {
  try {
    await video.play()
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'NotAllowedError') || video.muted) return
    video.muted = true
    await video.play().catch(() => {})
  }
}
