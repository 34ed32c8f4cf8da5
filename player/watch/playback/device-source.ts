/** Media type of playlists (RFC 8216 10). */
const playlistType = 'application/vnd.apple.mpegurl'

/**
 * Offers the show to other devices (AirPlay, Chromecast): adds its playlist as another source of the video
 * element. Such a device requests the URL itself, so it cannot play the media source of this page. The
 * browser does not use the source, because the element already has media. Returns the function that removes
 * it.
 */
export function offerToDevices(video: HTMLVideoElement, url: string): () => void {
  const source = document.createElement('source')
  source.type = playlistType
  source.src = url
  video.append(source)
  // hls.js forbids it with a managed media source, which allows it only beside a source like this one.
  video.disableRemotePlayback = false
  return () => source.remove()
}
