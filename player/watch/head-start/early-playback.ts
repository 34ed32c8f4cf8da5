import type { StartIndex } from '../../../core/playback/start-bundle.ts'
import { joinChunks } from '../network/requests.ts'
import { type EarlyMedia, openEarly, splitCodecs, type TrackName } from './early-media.ts'
import { type MediaPlaylist, readMediaPlaylist } from './media-playlist.ts'
import { readVariants, type Variant } from './multivariant.ts'
import type { Prefetch } from './prefetch.ts'
import { createStartMoment } from './start-moment.ts'

export interface EarlyPlaybackOptions {
  /** URL of the multivariant playlist. */
  url: string
  video: HTMLVideoElement
  prefetch: Pick<Prefetch, 'put'>
  /** Called with the multivariant playlist. */
  onMultivariant(data: ArrayBuffer): void
  /** Whether hls.js will load segments at first, although there are parts. */
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

/**
 * Creates a player for the files of a start bundle. It plays them as they arrive and keeps them for hls.js.
 */
export function createEarlyPlayback(options: EarlyPlaybackOptions) {
  const { url, video, prefetch, onMultivariant, bySegment, rttMs } = options
  const moment = createStartMoment(rttMs)
  let rendition: string | undefined
  let tracks: Track[] = []
  let media: ReturnType<typeof openEarly> | undefined
  const files = new Map<string, ArrayBuffer>()

  function openTracks(multivariant: string) {
    const variant = readVariants(multivariant, url).find((each) => nameOf(each.url) === rendition)
    if (variant === undefined) return
    tracks = tracksOf(variant)
    const codecs = splitCodecs(variant.codecs)
    // Audio in the video's segments and unknown codecs are left to hls.js.
    if (codecs && Boolean(codecs.audio) === Boolean(variant.audio)) media = openEarly(video, codecs)
  }

  function playWhenDue(receivedBytes: number, now: number) {
    const liveEdge = tracks.find(({ name }) => name === 'video')?.playlist?.liveEdge
    if (!media || media.hasBegun || liveEdge === undefined) return
    const position = moment.position({ receivedBytes, now, liveEdge })
    if (position !== undefined) media.playFrom(position)
  }

  function addToTrack(track: Track, fileUrl: string, data: ArrayBuffer) {
    if (fileUrl.endsWith('/init.mp4')) return media?.appendInit(track.name, data)
    const place = track.playlist?.placeOf(fileUrl)
    if (place === undefined) return
    if (track.name === 'video') moment.addVideo(place)
    media?.appendMedia(track.name, data, place.start)
  }

  return {
    setIndex(index: StartIndex) {
      rendition = index.rendition
      moment.setIndex(index)
    },

    /**
     * Adds a complete file of the bundle. `receivedBytes`: bytes of the bundle so far. `now`: ms of
     * `performance.now()`.
     */
    addFile(uri: string, data: ArrayBuffer, receivedBytes: number, now: number) {
      const fileUrl = new URL(uri, url).href
      moment.noteFile(now)
      if (fileUrl === new URL(url).href) {
        openTracks(new TextDecoder().decode(data))
        return onMultivariant(data)
      }
      if (bySegment()) files.set(fileUrl, data)
      prefetch.put(fileUrl, Promise.resolve({ data, completedAt: now }))
      const listed = tracks.find((track) => track.url === fileUrl)
      if (listed !== undefined) return readPlaylist(listed, data)
      const track = tracks.find((each) => fileUrl.includes(`/${nameOf(each.url)}/`))
      if (track !== undefined) addToTrack(track, fileUrl, data)
      playWhenDue(receivedBytes, now)
    },

    /** Must be called when no more files come. Begins to play what has arrived, if that has not begun yet. */
    end() {
      for (const { name, playlist } of tracks)
        for (const { url: segmentUrl, data } of wholeSegments(playlist, files)) {
          prefetch.put(segmentUrl, Promise.resolve({ data, completedAt: performance.now() }))
          media?.markAppended(name, data)
        }
      playWhenDue(Number.POSITIVE_INFINITY, 0)
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

function readPlaylist(track: Track, data: ArrayBuffer) {
  track.playlist = readMediaPlaylist(new TextDecoder().decode(data), track.url)
}

function tracksOf({ url, audio }: Variant): Track[] {
  const video: Track = { name: 'video', url, playlist: undefined }
  return audio === undefined ? [video] : [video, { name: 'audio', url: audio, playlist: undefined }]
}

/** Joins the parts of each segment whose parts are all in `files`, because hls.js then loads segments. */
function wholeSegments(playlist: MediaPlaylist | undefined, files: ReadonlyMap<string, ArrayBuffer>) {
  return (playlist?.segments ?? []).flatMap(({ url, parts }) => {
    const bodies = parts.flatMap((part) => files.get(part.url) ?? [])
    if (url === undefined || bodies.length === 0 || bodies.length < parts.length) return []
    return [{ url, data: joinChunks(bodies.map((body) => new Uint8Array(body))) }]
  })
}

/** Returns the name of the rendition in the URL of its playlist. */
const nameOf = (playlistUrl: string) => /([^/]+)\.m3u8$/.exec(new URL(playlistUrl).pathname)?.[1]
