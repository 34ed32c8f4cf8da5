/**
 * Starts playback. If the browser forbids sound without a gesture of the viewer, mutes the element and starts
 * again. Even an element that began muted may need this: WebKitGTK may unmute it and then pause it. Never
 * rejects; the element stays paused if the browser forbids playback altogether.
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
