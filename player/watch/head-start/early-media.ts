import { play } from '../../shared/play.ts'
import { createEarlyBuffer, type EarlyBuffer } from './early-buffer.ts'
import { decodeTimeOf, timescaleOf } from './mp4-times.ts'

/**
 * A track in the form in which hls.js accepts an existing source buffer. `id` is the name that hls.js uses
 * for the track's playlist.
 */
interface EarlyTrack {
  id: 'main' | 'audio'
  container: string
  codec: string
  buffer: SourceBuffer
  listeners: []
}

/** A media source that is attached to the video element and has the first media of its tracks. */
export interface EarlyMedia {
  mediaSource: MediaSource
  tracks: { video: EarlyTrack; audio?: EarlyTrack }
  /** Position at which playback began, seconds. */
  startPosition: number
}

export type TrackName = 'video' | 'audio'

const videoCodec = /^(avc1|avc3|hvc1|hev1|av01|vp09)\./

/**
 * Returns the codec of the video, and of the audio if there is any. Returns undefined without a known video
 * codec, or with several codecs of a kind.
 */
export function splitCodecs(codecs: string): Codecs | undefined {
  const names = codecs.split(',').map((name) => name.trim())
  const [video, ...otherVideos] = names.filter((name) => videoCodec.test(name))
  const [audio, ...otherAudios] = names.filter((name) => !videoCodec.test(name))
  return video === undefined || otherVideos.length > 0 || otherAudios.length > 0
    ? undefined
    : { video, audio }
}

/**
 * Attaches a media source to `element` and plays the first media from it, before hls.js is loaded. hls.js
 * takes the source over later and appends the same media again. The buffers ignore these appends: after
 * another init segment, a decoder could continue only at a keyframe.
 */
export function openEarly(element: HTMLVideoElement, codecs: Codecs) {
  const mediaSource = new MediaSource()
  const buffers: { video?: EarlyBuffer; audio?: EarlyBuffer } = {}
  let timescale: number | undefined
  let offset: number | undefined
  let startPosition: number | undefined
  let state: 'opening' | 'open' | 'failed' | 'taken' = 'opening'

  function fail() {
    if (state !== 'taken') state = 'failed'
  }

  async function open() {
    const opened = new Promise((resolve) =>
      mediaSource.addEventListener('sourceopen', resolve, { once: true }),
    )
    element.src = URL.createObjectURL(mediaSource)
    await opened
    if (state !== 'opening') return
    mediaSource.duration = Number.POSITIVE_INFINITY
    buffers.video?.open(mediaSource.addSourceBuffer(`video/mp4;codecs=${codecs.video}`))
    if (codecs.audio !== undefined)
      buffers.audio?.open(mediaSource.addSourceBuffer(`audio/mp4;codecs=${codecs.audio}`))
    state = 'open'
  }

  buffers.video = createEarlyBuffer(fail)
  if (codecs.audio !== undefined) buffers.audio = createEarlyBuffer(fail)
  void open().catch(fail)

  return {
    appendInit(track: TrackName, data: ArrayBuffer) {
      if (track === 'video') timescale = timescaleOf(data)
      buffers[track]?.append(data, false)
    },

    /**
     * Appends a part or segment. `start` is its position in the playlist, seconds. The first video determines
     * the timeline, as in hls.js.
     */
    appendMedia(track: TrackName, data: ArrayBuffer, start: number) {
      if (track === 'video' && offset === undefined) {
        const decodeTime = decodeTimeOf(data)
        if (decodeTime === undefined || !timescale) return fail()
        offset = start - decodeTime / timescale
        for (const buffer of [buffers.video, buffers.audio]) buffer?.setOffset(offset)
      }
      buffers[track]?.append(data, true)
    },

    /** Marks a segment as appended because all its parts were. */
    markAppended(track: TrackName, segment: ArrayBuffer) {
      buffers[track]?.markAppended(segment)
    },

    /** Begins to play at a position, seconds. Only the first call counts. */
    playFrom(position: number) {
      if (startPosition !== undefined || state === 'taken') return
      startPosition = position
      playAt(element, mediaSource, position)
    },

    get hasBegun() {
      return startPosition !== undefined
    },

    /**
     * Ends all work on the buffers and hands the media source over, once. Resolves with undefined when hls.js
     * has to attach its own.
     */
    async take(): Promise<EarlyMedia | undefined> {
      const isReady = state === 'open'
      state = 'taken'
      if (!isReady || startPosition === undefined || !buffers.video) return undefined
      return handOver(mediaSource, buffers.video, buffers.audio, codecs, startPosition)
    },
  }
}

/**
 * Seeks to a position, seconds, and plays, as soon as each track has media. WebKitGTK may hang forever when
 * it has to seek earlier.
 */
function playAt(element: HTMLVideoElement, mediaSource: MediaSource, position: number): void {
  const listening = new AbortController()
  const { signal } = listening

  function seek() {
    if (element.readyState === 0 || element.buffered.length === 0) return
    listening.abort()
    // The seekable range ends with the buffered media unless it is set, and this position may be beyond that.
    mediaSource.setLiveSeekableRange(0, position + 1)
    element.currentTime = position
    void play(element)
  }
  function seekWithMedia() {
    for (const buffer of mediaSource.sourceBuffers) buffer.addEventListener('updateend', seek, { signal })
    seek()
  }

  if (element.readyState > 0) seekWithMedia()
  else element.addEventListener('loadedmetadata', seekWithMedia, { once: true })
}

type Codecs = { video: string; audio: string | undefined }

/** Releases the buffers in the form in which hls.js accepts them; undefined when one was never opened. */
async function handOver(
  mediaSource: MediaSource,
  videoBuffer: EarlyBuffer,
  audioBuffer: EarlyBuffer | undefined,
  codecs: Codecs,
  startPosition: number,
): Promise<EarlyMedia | undefined> {
  const [video, audio] = await Promise.all([videoBuffer.release(), audioBuffer?.release()])
  const trackOf = (
    id: EarlyTrack['id'],
    container: string,
    codec: string,
    buffer: SourceBuffer,
  ): EarlyTrack => ({
    id,
    container,
    codec,
    buffer,
    listeners: [],
  })
  if (video === undefined || (codecs.audio !== undefined && audio === undefined)) return undefined
  const tracks: EarlyMedia['tracks'] = { video: trackOf('main', 'video/mp4', codecs.video, video) }
  if (codecs.audio !== undefined && audio !== undefined)
    tracks.audio = trackOf('audio', 'audio/mp4', codecs.audio, audio)
  return { mediaSource, tracks, startPosition }
}
