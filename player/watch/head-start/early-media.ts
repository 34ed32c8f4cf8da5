/** A track as hls.js takes it over; `id` is its name there of the playlist that it comes from. */
export interface EarlyTrack {
  id: 'main' | 'audio'
  container: string
  codec: string
  buffer: SourceBuffer
  listeners: []
}

/** A media element that waits for media, decoders and sound at the ready. */
export interface EarlyMedia {
  mediaSource: MediaSource
  tracks: { video: EarlyTrack; audio?: EarlyTrack }
}

export interface EarlyMediaOptions {
  /** CODECS of the variant. */
  codecs: string
  /** Init segment of the pictures, or of all in one. */
  video: Promise<ArrayBuffer>
  /** Init segment of the sound; undefined when there is no playlist of its own for it. */
  audio: Promise<ArrayBuffer> | undefined
}

const videoCodec = /^(avc1|avc3|hvc1|hev1|av01|vp09)\./

/**
 * Opens `element` for media and gives it the init segments. A browser then makes decoders and the way to the speakers ready,
 * which takes it as long as to read hls.js. What it must not give is media: hls.js begins anew with an init segment, and
 * pictures between two keyframes could not be decoded after that.
 */
export function openEarly(element: HTMLVideoElement, { codecs, video, audio }: EarlyMediaOptions) {
  for (const each of [video, audio]) each?.catch(() => {})
  const names = codecs.split(',').map((name) => name.trim())
  const pictures = names.filter((name) => videoCodec.test(name))
  const sounds = names.filter((name) => !videoCodec.test(name))
  let media: EarlyMedia | undefined
  let taken = false

  async function open() {
    const [picture, sound] = [pictures[0], sounds[0]]
    // Both in one track, or not known: hls.js finds out.
    if (picture === undefined || names.length > 2 || Boolean(audio) !== Boolean(sound)) return
    const mediaSource = new MediaSource()
    const opened = new Promise((resolve) =>
      mediaSource.addEventListener('sourceopen', resolve, { once: true }),
    )
    element.src = URL.createObjectURL(mediaSource)
    await opened
    if (taken) return
    const add = (id: EarlyTrack['id'], container: string, codec: string): EarlyTrack => {
      const buffer = mediaSource.addSourceBuffer(`${container};codecs=${codec}`)
      return { id, container, codec, buffer, listeners: [] }
    }
    const tracks: EarlyMedia['tracks'] = { video: add('main', 'video/mp4', picture) }
    if (sound !== undefined) tracks.audio = add('audio', 'audio/mp4', sound)
    media = { mediaSource, tracks }
    await Promise.all([fill(tracks.video, video), fill(tracks.audio, audio)])
  }

  async function fill(track: EarlyTrack | undefined, init: Promise<ArrayBuffer> | undefined) {
    const data = await init
    if (!taken && data !== undefined) track?.buffer.appendBuffer(data)
  }

  void open().catch(() => {
    media = undefined
  })

  return {
    /** What has been opened, once; undefined when hls.js has to open the element itself. */
    take(): EarlyMedia | undefined {
      const given = taken ? undefined : media
      taken = true
      return given
    },
  }
}
