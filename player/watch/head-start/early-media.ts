/**
 * A track in the form in which hls.js accepts one. `id` is the name that hls.js uses for the track's
 * playlist.
 */
export interface EarlyTrack {
  id: 'main' | 'audio'
  container: string
  codec: string
  buffer: SourceBuffer
  listeners: []
}

/** A media source that is attached to the video element and has the init segments of its tracks. */
export interface EarlyMedia {
  mediaSource: MediaSource
  tracks: { video: EarlyTrack; audio?: EarlyTrack }
}

export interface EarlyMediaOptions {
  /** CODECS attribute of the variant in the multivariant playlist. */
  codecs: string
  /** Init segment of the video, or of both when they share a track. */
  video: Promise<ArrayBuffer>
  /** Init segment of the audio; undefined when the audio has no playlist of its own. */
  audio: Promise<ArrayBuffer> | undefined
}

const videoCodec = /^(avc1|avc3|hvc1|hev1|av01|vp09)\./

/**
 * Attaches a media source to `element` and appends the init segments. The browser then prepares its decoders
 * and its audio output, which takes as long as loading hls.js. No media is appended: hls.js starts again with
 * an init segment, and the decoder could not continue between two keyframes after that.
 */
export function openEarly(element: HTMLVideoElement, { codecs, video, audio }: EarlyMediaOptions) {
  for (const init of [video, audio]) init?.catch(() => {})
  const names = codecs.split(',').map((name) => name.trim())
  const videoCodecs = names.filter((name) => videoCodec.test(name))
  const audioCodecs = names.filter((name) => !videoCodec.test(name))
  let media: EarlyMedia | undefined
  let isTaken = false

  async function open() {
    const [videoName, audioName] = [videoCodecs[0], audioCodecs[0]]
    // Muxed audio and unknown codecs are left to hls.js.
    if (videoName === undefined || names.length > 2 || Boolean(audio) !== Boolean(audioName)) return
    const mediaSource = new MediaSource()
    const opened = new Promise((resolve) =>
      mediaSource.addEventListener('sourceopen', resolve, { once: true }),
    )
    element.src = URL.createObjectURL(mediaSource)
    await opened
    if (isTaken) return
    const add = (id: EarlyTrack['id'], container: string, codec: string): EarlyTrack => {
      const buffer = mediaSource.addSourceBuffer(`${container};codecs=${codec}`)
      return { id, container, codec, buffer, listeners: [] }
    }
    const tracks: EarlyMedia['tracks'] = { video: add('main', 'video/mp4', videoName) }
    if (audioName !== undefined) tracks.audio = add('audio', 'audio/mp4', audioName)
    media = { mediaSource, tracks }
    await Promise.all([append(tracks.video, video), append(tracks.audio, audio)])
  }

  async function append(track: EarlyTrack | undefined, init: Promise<ArrayBuffer> | undefined) {
    const data = await init
    if (!isTaken && data !== undefined) track?.buffer.appendBuffer(data)
  }

  void open().catch(() => {
    media = undefined
  })

  return {
    /** Hands over the media source, once; undefined when hls.js has to open the element itself. */
    take(): EarlyMedia | undefined {
      const taken = isTaken ? undefined : media
      isTaken = true
      return taken
    },
  }
}
