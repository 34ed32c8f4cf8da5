import type { Rendition } from '../../../core/media/source.ts'
import { playlistUri } from '../../../core/playback/media-paths.ts'
import type { Track } from '../mp4/track.ts'
import type { Bandwidth } from '../window/bandwidth.ts'
import type { RenditionStream } from '../window/rendition-stream.ts'
import { tag, word } from './tag.ts'

const audioGroup = 'audio'
const captionsGroup = 'captions'

/**
 * Maximum average bandwidth of the first variant, bits/s. Players begin with the first variant and measure
 * from there (RFC 8216bis 4.4.6.2 leaves the order to the server), so it is the best one that most
 * connections carry without a stall. The others follow from best to lowest, audio only last.
 */
const startBandwidth = 6_000_000

interface Variant extends Rendition {
  measured: Bandwidth
  track: Track | undefined
}

/** What a multivariant playlist says about its presentation. */
export interface MultivariantContext {
  sessionId: string
  streams: ReadonlyMap<string, RenditionStream>
  /** Whether the picture carries captions (CEA-608 or 708). */
  hasCaptions: boolean
  renditions(): Rendition[]
}

/**
 * Renders the multivariant playlist (RFC 8216bis 4.4.6) with what has been measured. Renditions without media
 * are left out.
 */
export function multivariantPlaylist(context: MultivariantContext): string {
  const { sessionId, streams, hasCaptions, renditions } = context
  const variants = renditions().flatMap((rendition): Variant[] => {
    const stream = streams.get(rendition.name)
    const measured = stream?.bandwidth
    return measured ? [{ ...rendition, measured, track: stream.track }] : []
  })
  const audios = variants.filter((variant) => variant.kind === 'audio')
  const videos = variants.filter((variant) => variant.kind === 'video')
  const shared = {
    sessionId,
    audios,
    hasVideo: videos.length > 0,
    hasCaptions,
    isHdr: videos.some(({ track }) => rangeOf(track) !== 'SDR'),
  }
  return `${[
    '#EXTM3U',
    // RFC 8216bis 4.4.2.1: each segment can be decoded without any other.
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...(videos.length > 0 ? audios.map((audio) => audioMedia(sessionId, audio, audio === audios[0])) : []),
    ...(hasCaptions ? [captionsMedia] : []),
    ...inStartOrder(videos).flatMap((video) => streamInf(video, shared)),
    ...audios.slice(0, 1).flatMap((audio) => streamInf(audio, shared)),
  ].join('\n')}\n`
}

/** Puts the variant to begin with at the head: one that every player and most connections can take. */
function inStartOrder(videos: readonly Variant[]): Variant[] {
  const isLight = ({ measured }: Variant) => !measured.isWhole || measured.average <= startBandwidth
  const isCommon = ({ codecs }: Variant) => codecs?.startsWith('avc1') === true
  const start =
    videos.find((video) => isCommon(video) && isLight(video)) ?? videos.findLast(isCommon) ?? videos.at(-1)
  return start ? [start, ...videos.filter((video) => video !== start)] : []
}

const channelsOf = (track: Track | undefined) =>
  track?.kind === 'audio' && track.config.channels > 0 ? track.config.outputChannels : undefined

/** EXT-X-MEDIA of an audio rendition (RFC 8216bis 4.4.6.1). */
function audioMedia(sessionId: string, audio: Variant, isDefault: boolean): string {
  const channels = channelsOf(audio.track)
  return tag('EXT-X-MEDIA', {
    TYPE: word('AUDIO'),
    'GROUP-ID': audioGroup,
    NAME: isDefault ? 'Sound' : 'Surround sound',
    DEFAULT: word(isDefault ? 'YES' : 'NO'),
    AUTOSELECT: word('YES'),
    // "a count of audio channels expressed as a decimal-integer"
    CHANNELS: channels === undefined ? undefined : String(channels),
    // "A stable identifier for the URI", by which content steering names it.
    'STABLE-RENDITION-ID': audio.name,
    URI: playlistUri(sessionId, audio.name),
  })
}

/** EXT-X-MEDIA of captions inside the picture. */
const captionsMedia = tag('EXT-X-MEDIA', {
  TYPE: word('CLOSED-CAPTIONS'),
  'GROUP-ID': captionsGroup,
  NAME: 'Captions',
  DEFAULT: word('NO'),
  AUTOSELECT: word('YES'),
  'INSTREAM-ID': 'CC1',
})

/** What the variants of a playlist have in common. */
interface SharedAttributes {
  sessionId: string
  audios: readonly Variant[]
  hasVideo: boolean
  hasCaptions: boolean
  /** Whether a variant has a dynamic range other than SDR. */
  isHdr: boolean
}

/** EXT-X-STREAM-INF and URI of a variant (RFC 8216bis 4.4.6.2). */
function streamInf(variant: Variant, shared: SharedAttributes): string[] {
  const { sessionId, audios, hasVideo, hasCaptions, isHdr } = shared
  const isVideo = variant.kind === 'video'
  const [audio] = audios
  const measured = [variant, ...(isVideo && audio ? [audio] : [])].map((each) => each.measured)
  const sum = (of: (bandwidth: Bandwidth) => number) => measured.reduce((total, each) => total + of(each), 0)
  const { width, height } = variant
  const attributes = tag('EXT-X-STREAM-INF', {
    // "It represents the peak segment bit rate of the Variant Stream." It is the peak of the media so far,
    // because future media is unknown.
    BANDWIDTH: sum((bandwidth) => bandwidth.peak),
    'AVERAGE-BANDWIDTH': sum((bandwidth) => bandwidth.average),
    // RFC 8216bis 6.2.4: "the attribute value MUST include every media format present in any Media Segment in
    // any of the Renditions specified by the Variant Stream."
    CODECS: [...new Set([variant, ...(isVideo ? audios : [])].flatMap((each) => each.codecs ?? []))].join(
      ',',
    ),
    RESOLUTION: width && height ? word(`${width}x${height}`) : undefined,
    // The maximum frame rate of the variant, to three decimal places.
    'FRAME-RATE': variant.fps === null ? undefined : word(variant.fps.toFixed(3)),
    // "The VIDEO-RANGE attribute is OPTIONAL; if absent, it is SDR." Here only where there is something else.
    'VIDEO-RANGE': isVideo && isHdr ? word(rangeOf(variant.track)) : undefined,
    AUDIO: hasVideo && audio ? audioGroup : undefined,
    // "if the value is NONE, all EXT-X-STREAM-INF tags MUST have this attribute with a value of NONE".
    'CLOSED-CAPTIONS': hasCaptions ? (isVideo ? captionsGroup : undefined) : word('NONE'),
    'STABLE-VARIANT-ID': variant.name,
  })
  return [attributes, playlistUri(sessionId, variant.name)]
}

const ranges = { sdr: 'SDR', pq: 'PQ', hlg: 'HLG' } as const

/** Dynamic range of a variant, by its track. */
const rangeOf = (track: Track | undefined) => (track?.kind === 'video' ? ranges[track.transfer] : 'SDR')
