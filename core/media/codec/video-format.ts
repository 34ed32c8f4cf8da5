/** What a codec header reveals about the picture. */
export interface VideoFormat {
  codec: 'h264' | 'hevc' | 'av1' | 'vp9' | 'other'
  /** Codec string of RFC 6381, e.g. `avc1.64001f`, when known. */
  codecString: string | null
  width: number
  height: number
  /** Frames per second; null when the header has no timing. */
  fps: number | null
  /** Width of a pixel divided by its height. */
  pixelAspect: number
  bitDepth: number
  chroma: '4:0:0' | '4:2:0' | '4:2:2' | '4:4:4'
  /** Whether pictures may be coded as fields. */
  isInterlaced: boolean
  /** Transfer function; `pq` and `hlg` are HDR. */
  transfer: 'sdr' | 'pq' | 'hlg'
}

/** Bounds of a plausible frame rate. Some codec headers state a time base instead. */
const [minFps, maxFps] = [0.05, 240]

/** Returns the frame rate that a codec header states; undefined without one, or if it makes no sense. */
export function plausibleFps({ fps }: Pick<VideoFormat, 'fps'>): number | undefined {
  const isPlausible = fps !== null && fps >= minFps && fps <= maxFps
  return isPlausible ? Math.round(fps * 1000) / 1000 : undefined
}

/** `chroma_format_idc` of H.264 and HEVC. */
export const chromaFormats = ['4:0:0', '4:2:0', '4:2:2', '4:4:4'] as const

/** Whether browsers can decode pictures of this kind. */
export const isBrowserFriendly = ({ bitDepth, chroma }: Pick<VideoFormat, 'bitDepth' | 'chroma'>) =>
  bitDepth === 8 && (chroma === '4:2:0' || chroma === '4:0:0')

/** Whether frame rates measured in one format are still valid in the other. */
export function isSameFormat(one: VideoFormat, other: VideoFormat): boolean {
  return (
    one.codec === other.codec &&
    one.codecString === other.codecString &&
    one.width === other.width &&
    one.height === other.height
  )
}

/** Transfer characteristics of HDR (ITU-T H.273 table 3): PQ and HLG. */
const hdrTransfers = new Map<number, VideoFormat['transfer']>([
  [16, 'pq'],
  [18, 'hlg'],
])

export const transferOf = (code: number): VideoFormat['transfer'] => hdrTransfers.get(code) ?? 'sdr'
