import type { StartIndex } from '../../../core/playback/start-bundle.ts'
import { type EarlyMedia, openEarly, splitCodecs, type TrackName } from './early-media.ts'
import { type MediaPlaylist, readMediaPlaylist } from './media-playlist.ts'
import { readVariants } from './multivariant.ts'
import type { Prefetch } from './prefetch.ts'

export interface EarlyPlaybackOptions {
  /** URL of the multivariant playlist. */
  url: string
  video: HTMLVideoElement
  prefetch: Pick<Prefetch, 'put'>
}

interface Track {
  name: TrackName
  /** URL of the media playlist. Its file name without `.m3u8` is a folder in the URLs of its media. */
  url: string
  playlist: MediaPlaylist | undefined
}

/** Maximum time by which the first frame may be delayed to begin nearer to the live edge, ms. */
const patienceMs = 250

/**
 * Creates a player for the files of a start bundle. It plays them as they arrive, and keeps them for hls.js.
 */
export function createEarlyPlayback({ url, video, prefetch }: EarlyPlaybackOptions) {
  let index: StartIndex | undefined
  let tracks: Track[] = []
  let media: ReturnType<typeof openEarly> | undefined
  let firstStart: number | undefined
  let firstFileAt: number | undefined

  function openTracks(multivariant: string) {
    const variants = readVariants(multivariant, url)
    const variant = variants.find((each) => nameOf(each.url) === index?.rendition)
    if (variant === undefined) return
    tracks = [{ name: 'video', url: variant.url, playlist: undefined }]
    if (variant.audio !== undefined) tracks.push({ name: 'audio', url: variant.audio, playlist: undefined })
    const codecs = splitCodecs(variant.codecs)
    // Muxed sound and unknown codecs are left to hls.js.
    if (codecs && Boolean(codecs.audio) === Boolean(variant.audio)) media = openEarly(video, codecs)
  }

  /**
   * Begins to play at the start position when all media is here, or at the first media when the rest would
   * take longer than `patienceMs`.
   */
  function playWhenDue(receivedBytes: number, now: number) {
    const playlist = tracks.find(({ name }) => name === 'video')?.playlist
    if (!media || media.hasBegun || !playlist || firstStart === undefined || !index) return
    const wanted = Math.max(firstStart, playlist.liveEdge - index.backMs / 1000)
    const bytesPerMs = receivedBytes / Math.max(1, now - (firstFileAt ?? now))
    const totalBytes = index.files.reduce((sum, [, length]) => sum + length, 0)
    const remainingMs = (totalBytes - receivedBytes) / bytesPerMs
    if (remainingMs <= 1) media.playFrom(wanted)
    else if (remainingMs > patienceMs) media.playFrom(firstStart)
  }

  function addToTrack(track: Track, fileUrl: string, data: ArrayBuffer) {
    if (fileUrl.endsWith('/init.mp4')) return media?.appendInit(track.name, data)
    const start = track.playlist?.startOf(fileUrl)
    if (start === undefined) return
    if (track.name === 'video') firstStart ??= start
    media?.appendMedia(track.name, data, start)
  }

  return {
    setIndex(next: StartIndex) {
      index = next
    },

    /**
     * Adds a complete file of the bundle and returns its kind. `receivedBytes`: of the whole bundle, so far.
     * `now`: ms of `performance.now()`.
     */
    addFile(uri: string, data: ArrayBuffer, receivedBytes: number, now: number) {
      const fileUrl = new URL(uri, url).href
      firstFileAt ??= now
      if (fileUrl === new URL(url).href) {
        openTracks(new TextDecoder().decode(data))
        return 'multivariant'
      }
      prefetch.put(fileUrl, Promise.resolve({ data, completedAt: now }))
      const playlistOf = tracks.find((track) => track.url === fileUrl)
      if (playlistOf !== undefined) {
        playlistOf.playlist = readMediaPlaylist(new TextDecoder().decode(data), fileUrl)
        return 'playlist'
      }
      const track = tracks.find((each) => fileUrl.includes(`/${nameOf(each.url)}/`))
      if (track !== undefined) addToTrack(track, fileUrl, data)
      playWhenDue(receivedBytes, now)
      return 'media'
    },

    /** Must be called when no more files come. Begins to play with what is there. */
    end() {
      if (firstStart !== undefined && index !== undefined) playWhenDue(Number.POSITIVE_INFINITY, 0)
    },

    addMedia: (name: TrackName, data: ArrayBuffer) => media?.appendMedia(name, data, 0),
    tracks: () => tracks,
    variantUrl: () => tracks[0]?.url,
    takeMedia: async (): Promise<EarlyMedia | undefined> => media?.take(),
  }
}

/** Name of the rendition in the URL of its playlist. */
const nameOf = (playlistUrl: string) => /([^/]+)\.m3u8$/.exec(new URL(playlistUrl).pathname)?.[1]
