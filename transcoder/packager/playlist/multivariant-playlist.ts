import type { Rendition } from '../../../core/media/source.ts'
import { playlistUri } from '../../../core/playback/media-paths.ts'
import type { Track } from '../mp4/track.ts'
import type { Bandwidth } from '../window/bandwidth.ts'
import type { RenditionStream } from '../window/rendition-stream.ts'
import { tag, word } from './tag.ts'

const audioGroup = 'audio'
const captionsGroup = 'captions'

/**
 * Maximum average bandwidth of the video that is listed first, bits/s. Many players begin with it, and would
 * stall on slow connections if it were heavier.
 */
const startBandwidth = 6_000_000

interface Variant extends Rendition {
  measured: Bandwidth
  track: Track | undefined
}

/** State of a presentation that the multivariant playlist is rendered from. */
export interface MultivariantContext {
  sessionId: string
  streams: ReadonlyMap<string, RenditionStream>
  /** Whether the coded video carries captions (CEA-608 or CEA-708). */
  hasCaptions: boolean
  renditions(): Rendition[]
}

/**
 * Renders the multivariant playlist (RFC 8216bis 4.4.6). BANDWIDTH is mandatory, so a rendition is left out
 * until its bandwidth has been measured.
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
    // Announces that each segment can be decoded without any other (RFC 8216bis 4.4.2.1).
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...(videos.length > 0 ? audios.map((audio) => audioMedia(sessionId, audio, audio === audios[0])) : []),
    ...(hasCaptions ? [captionsMedia] : []),
    ...inStartOrder(videos).flatMap((video) => streamInf(video, shared)),
    ...audios.slice(0, 1).flatMap((audio) => streamInf(audio, shared)),
  ].join('\n')}\n`
}

/**
 * Moves one variant to the head, because many players begin with the first one. It is the first H.264 variant
 * whose average bandwidth is not above `startBandwidth` or is only an estimate. Without one it is the last
 * H.264 variant, otherwise the last of all. The others keep their order.
 */
function inStartOrder(videos: readonly Variant[]): Variant[] {
  const isLight = ({ measured }: Variant) => !measured.isWhole || measured.average <= startBandwidth
  const isCommon = ({ codecs }: Variant) => codecs?.startsWith('avc1') === true
  const start =
    videos.find((video) => isCommon(video) && isLight(video)) ?? videos.findLast(isCommon) ?? videos.at(-1)
  return start ? [start, ...videos.filter((video) => video !== start)] : []
}

const channelsOf = (track: Track | undefined) =>
  track?.kind === 'audio' && track.config.channels > 0 ? track.config.outputChannels : undefined

/**
 * Returns EXT-X-MEDIA of an audio rendition (RFC 8216bis 4.4.6.1). Players choose the default one unless the
 * viewer selects another.
 */
function audioMedia(sessionId: string, audio: Variant, isDefault: boolean): string {
  const channels = channelsOf(audio.track)
  return tag('EXT-X-MEDIA', {
    TYPE: word('AUDIO'),
    'GROUP-ID': audioGroup,
    NAME: isDefault ? 'Sound' : 'Surround sound',
    DEFAULT: word(isDefault ? 'YES' : 'NO'),
    AUTOSELECT: word('YES'),
    // Left out if the configuration does not state the channels.
    CHANNELS: channels === undefined ? undefined : String(channels),
    // Name of the rendition that stays the same on all pathways of content steering.
    'STABLE-RENDITION-ID': audio.name,
    URI: playlistUri(sessionId, audio.name),
  })
}

/** EXT-X-MEDIA of captions. It has no URI, because the coded video carries them. */
const captionsMedia = tag('EXT-X-MEDIA', {
  TYPE: word('CLOSED-CAPTIONS'),
  'GROUP-ID': captionsGroup,
  NAME: 'Captions',
  DEFAULT: word('NO'),
  AUTOSELECT: word('YES'),
  'INSTREAM-ID': 'CC1',
})

/** Values that are the same for all variants of a playlist. */
interface SharedAttributes {
  sessionId: string
  audios: readonly Variant[]
  hasVideo: boolean
  hasCaptions: boolean
  /** Whether at least one variant is HDR. */
  isHdr: boolean
}

/** Returns EXT-X-STREAM-INF and the URI of a variant (RFC 8216bis 4.4.6.2). */
function streamInf(variant: Variant, shared: SharedAttributes): string[] {
  const { sessionId, audios, hasVideo, hasCaptions, isHdr } = shared
  const isVideo = variant.kind === 'video'
  const [audio] = audios
  const measured = [variant, ...(isVideo && audio ? [audio] : [])].map((each) => each.measured)
  const sum = (of: (bandwidth: Bandwidth) => number) => measured.reduce((total, each) => total + of(each), 0)
  const { width, height } = variant
  const attributes = tag('EXT-X-STREAM-INF', {
    // Sum of the peaks of the video and the default audio so far. The specification means the peak of all
    // segments, but future ones are unknown.
    BANDWIDTH: sum((bandwidth) => bandwidth.peak),
    'AVERAGE-BANDWIDTH': sum((bandwidth) => bandwidth.average),
    // All codecs of the variant and of the audio renditions that players may combine with it (RFC 8216bis
    // 6.2.4).
    CODECS: [...new Set([variant, ...(isVideo ? audios : [])].flatMap((each) => each.codecs ?? []))].join(
      ',',
    ),
    RESOLUTION: width && height ? word(`${width}x${height}`) : undefined,
    // Frames per second with three decimals (RFC 8216bis 4.4.6.2).
    'FRAME-RATE': variant.fps === null ? undefined : word(variant.fps.toFixed(3)),
    // A variant without this attribute is SDR, so the attribute is needed only if one of the variants is HDR.
    'VIDEO-RANGE': isVideo && isHdr ? word(rangeOf(variant.track)) : undefined,
    AUDIO: hasVideo && audio ? audioGroup : undefined,
    // If one variant states NONE, all must (RFC 8216bis 4.4.6.2).
    'CLOSED-CAPTIONS': hasCaptions ? (isVideo ? captionsGroup : undefined) : word('NONE'),
    'STABLE-VARIANT-ID': variant.name,
  })
  return [attributes, playlistUri(sessionId, variant.name)]
}

const ranges = { sdr: 'SDR', pq: 'PQ', hlg: 'HLG' } as const

const rangeOf = (track: Track | undefined) => (track?.kind === 'video' ? ranges[track.transfer] : 'SDR')
