/**
 * Plays. Where the browser forbids sound without a gesture of the viewer, plays muted. WebKitGTK may unmute
 * an element that was muted, and then pauses it. Does nothing where the browser forbids playback altogether.
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
