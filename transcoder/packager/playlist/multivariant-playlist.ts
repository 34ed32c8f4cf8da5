import type { Rendition } from '../../../core/media/source.ts'
import { playlistUri } from '../../../core/playback/media-paths.ts'
import type { Track } from '../mp4/movie.ts'
import type { Bandwidth } from '../window/bandwidth.ts'
import type { RenditionStream } from '../window/rendition-stream.ts'
import { tag, word } from './tag.ts'

const audioGroup = 'audio'

/**
 * Maximum average bandwidth of the first variant, bits/s. Players begin with the first variant and measure
 * from there (RFC 8216bis 4.4.6.2 leaves the order to the server), so it is the best one that most
 * connections carry without a stall. The others follow from best to lowest, audio only last.
 */
const startBandwidth = 6_000_000

interface Variant extends Rendition {
  measured: Bandwidth
}

/** What a multivariant playlist says about its presentation. */
export interface MultivariantContext {
  sessionId: string
  streams: ReadonlyMap<string, RenditionStream>
  renditions(): Rendition[]
}

/**
 * Renders the multivariant playlist (RFC 8216bis 4.4.6) with what has been measured. Renditions without media
 * are left out.
 */
export function multivariantPlaylist({ sessionId, streams, renditions }: MultivariantContext): string {
  const variants = renditions().flatMap((rendition): Variant[] => {
    const measured = streams.get(rendition.name)?.bandwidth
    return measured ? [{ ...rendition, measured }] : []
  })
  const audio = variants.find((variant) => variant.kind === 'audio')
  const videos = variants.filter((variant) => variant.kind === 'video')
  return `${[
    '#EXTM3U',
    // RFC 8216bis 4.4.2.1: each segment can be decoded without any other.
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...(audio && videos.length > 0 ? [audioMedia(sessionId, audio, streams.get(audio.name)?.track)] : []),
    ...inStartOrder(videos).flatMap((video) => streamInf(sessionId, video, audio)),
    ...(audio ? streamInf(sessionId, audio, videos.length > 0 ? audio : undefined) : []),
  ].join('\n')}\n`
}

function inStartOrder(videos: readonly Variant[]): Variant[] {
  const isLight = ({ measured }: Variant) => !measured.isWhole || measured.average <= startBandwidth
  const start = videos.find(isLight) ?? videos.at(-1)
  return start ? [start, ...videos.filter((video) => video !== start)] : []
}

/** EXT-X-MEDIA of the audio rendition (RFC 8216bis 4.4.6.1). */
function audioMedia(sessionId: string, audio: Variant, track: Track | undefined): string {
  return tag('EXT-X-MEDIA', {
    TYPE: word('AUDIO'),
    'GROUP-ID': audioGroup,
    NAME: 'Sound',
    DEFAULT: word('YES'),
    AUTOSELECT: word('YES'),
    // "a count of audio channels expressed as a decimal-integer"
    CHANNELS:
      track?.kind === 'audio' && track.config.channels > 0 ? String(track.config.channels) : undefined,
    // "A stable identifier for the URI", by which content steering names it.
    'STABLE-RENDITION-ID': audio.name,
    URI: playlistUri(sessionId, audio.name),
  })
}

/**
 * EXT-X-STREAM-INF and URI of a variant (RFC 8216bis 4.4.6.2). `audio`: the audio rendition that belongs to
 * it.
 */
function streamInf(sessionId: string, variant: Variant, audio: Variant | undefined): string[] {
  const renditions = audio && audio !== variant ? [variant, audio] : [variant]
  const sum = (of: (bandwidth: Bandwidth) => number) =>
    renditions.reduce((total, each) => total + of(each.measured), 0)
  const { width, height } = variant
  const attributes = tag('EXT-X-STREAM-INF', {
    // "It represents the peak segment bit rate of the Variant Stream." It is the peak of the media so far,
    // because future media is unknown.
    BANDWIDTH: sum((bandwidth) => bandwidth.peak),
    'AVERAGE-BANDWIDTH': sum((bandwidth) => bandwidth.average),
    // RFC 8216bis 6.2.4: "the attribute value MUST include every media format present in any Media Segment in
    // any of the Renditions specified by the Variant Stream."
    CODECS: [...new Set(renditions.flatMap((each) => each.codecs ?? []))].join(','),
    RESOLUTION: width && height ? word(`${width}x${height}`) : undefined,
    // The maximum frame rate of the variant, to three decimal places.
    'FRAME-RATE': variant.fps === null ? undefined : word(variant.fps.toFixed(3)),
    AUDIO: audio ? audioGroup : undefined,
    'STABLE-VARIANT-ID': variant.name,
  })
  return [attributes, playlistUri(sessionId, variant.name)]
}
