import type { StartIndex } from '../../../core/playback/start-bundle.ts'
import { joinChunks } from '../network/requests.ts'
import { type EarlyMedia, openEarly, splitCodecs, type TrackName } from './early-media.ts'
import { type MediaPlaylist, readMediaPlaylist } from './media-playlist.ts'
import { readVariants } from './multivariant.ts'
import type { Prefetch } from './prefetch.ts'

export interface EarlyPlaybackOptions {
  /** URL of the multivariant playlist. */
  url: string
  video: HTMLVideoElement
  prefetch: Pick<Prefetch, 'put'>
  /** Called with the multivariant playlist. */
  onMultivariant(data: ArrayBuffer): void
  /** Whether the player loads segments at first, although there are parts. */
  bySegment(): boolean
  /** Returns the round trip of the link, ms. */
  rttMs(): number
}

interface Track {
  name: TrackName
  /** URL of the media playlist. Its file name without `.m3u8` is a folder in the URLs of its media. */
  url: string
  playlist: MediaPlaylist | undefined
}

/** Maximum time by which the first frame may be delayed to begin nearer to the live edge, ms. */
const patienceMs = 250
/** Media to begin with, in round trips: at first, bytes arrive in bursts, one per round trip. */
const leastMedia = 1.6

/**
 * Creates a player for the files of a start bundle. It plays them as they arrive, and keeps them for hls.js.
 */
export function createEarlyPlayback(options: EarlyPlaybackOptions) {
  const { url, video, prefetch, onMultivariant, bySegment, rttMs } = options
  let index: StartIndex | undefined
  let tracks: Track[] = []
  let media: ReturnType<typeof openEarly> | undefined
  const files = new Map<string, ArrayBuffer>()
  let played: { start: number; end: number } | undefined
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
   * take longer than `patienceMs` and there is media to play until more arrives.
   */
  function playWhenDue(receivedBytes: number, now: number) {
    const playlist = tracks.find(({ name }) => name === 'video')?.playlist
    if (!media || media.hasBegun || !playlist || played === undefined || !index) return
    const wanted = Math.max(played.start, playlist.liveEdge - index.backMs / 1000)
    const bytesPerMs = receivedBytes / Math.max(1, now - (firstFileAt ?? now))
    const totalBytes = index.files.reduce((sum, [, length]) => sum + length, 0)
    const remainingMs = (totalBytes - receivedBytes) / bytesPerMs
    if (remainingMs <= 1) media.playFrom(wanted)
    else if (remainingMs > patienceMs && (played.end - played.start) * 1000 > leastMedia * rttMs())
      media.playFrom(played.start)
  }

  function addToTrack(track: Track, fileUrl: string, data: ArrayBuffer) {
    if (fileUrl.endsWith('/init.mp4')) return media?.appendInit(track.name, data)
    const place = track.playlist?.placeOf(fileUrl)
    if (place === undefined) return
    if (track.name === 'video') played = { start: played?.start ?? place.start, end: place.end }
    media?.appendMedia(track.name, data, place.start)
  }

  /** Keeps each segment whose parts are all here, for a player that loads segments. */
  function keepSegments(completedAt: number) {
    for (const { name, playlist } of tracks)
      for (const { url: segmentUrl, parts } of playlist?.segments ?? []) {
        const bodies = parts.flatMap((part) => files.get(part.url) ?? [])
        if (segmentUrl === undefined || bodies.length === 0 || bodies.length < parts.length) continue
        const data = joinChunks(bodies.map((body) => new Uint8Array(body)))
        prefetch.put(segmentUrl, Promise.resolve({ data, completedAt }))
        media?.markAppended(name, data)
      }
  }

  return {
    setIndex(next: StartIndex) {
      index = next
    },

    /**
     * Adds a complete file of the bundle. `receivedBytes`: of the whole bundle, so far. `now`: ms of
     * `performance.now()`.
     */
    addFile(uri: string, data: ArrayBuffer, receivedBytes: number, now: number) {
      const fileUrl = new URL(uri, url).href
      firstFileAt ??= now
      if (fileUrl === new URL(url).href) {
        openTracks(new TextDecoder().decode(data))
        return onMultivariant(data)
      }
      if (bySegment()) files.set(fileUrl, data)
      prefetch.put(fileUrl, Promise.resolve({ data, completedAt: now }))
      const playlistOf = tracks.find((track) => track.url === fileUrl)
      if (playlistOf !== undefined) {
        playlistOf.playlist = readMediaPlaylist(new TextDecoder().decode(data), fileUrl)
        return
      }
      const track = tracks.find((each) => fileUrl.includes(`/${nameOf(each.url)}/`))
      if (track !== undefined) addToTrack(track, fileUrl, data)
      playWhenDue(receivedBytes, now)
    },

    /** Must be called when no more files come. Begins to play with what is there. */
    end() {
      keepSegments(performance.now())
      if (played !== undefined && index !== undefined) playWhenDue(Number.POSITIVE_INFINITY, 0)
    },

    get hasBegun() {
      return media?.hasBegun ?? false
    },

    addMedia: (name: TrackName, data: ArrayBuffer) => media?.appendMedia(name, data, 0),
    tracks: () => tracks,
    variantUrl: () => tracks[0]?.url,
    takeMedia: async (): Promise<EarlyMedia | undefined> => media?.take(),
  }
}

/** Name of the rendition in the URL of its playlist. */
const nameOf = (playlistUrl: string) => /([^/]+)\.m3u8$/.exec(new URL(playlistUrl).pathname)?.[1]
