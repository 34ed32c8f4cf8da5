/** Format of the picture, as far as a codec header shows it. */
export interface VideoFormat {
  codec: 'h264' | 'hevc' | 'av1' | 'vp9' | 'other'
  /** Codec string (RFC 6381) such as `avc1.64001f`; null when unknown. */
  codecString: string | null
  width: number
  height: number
  /** Frames per second; null when the codec header has no timing. */
  fps: number | null
  /** Width of a pixel divided by its height. */
  pixelAspect: number
  bitDepth: number
  chroma: '4:0:0' | '4:2:0' | '4:2:2' | '4:4:4'
  /**
   * Whether the codec header allows fields (H.264) or says that the source is interlaced (HEVC); false for
   * other codecs and when it is unknown.
   */
  isInterlaced: boolean
  /** Transfer function; `pq` and `hlg` are HDR. */
  transfer: 'sdr' | 'pq' | 'hlg'
}

/** Bounds of a plausible frame rate, frames/s. Some codec headers state a time base in its place. */
const [minFps, maxFps] = [0.05, 240]

/** Returns the frame rate, frames/s, to three decimals; undefined when there is none or it is implausible. */
export function plausibleFps({ fps }: Pick<VideoFormat, 'fps'>): number | undefined {
  const isPlausible = fps !== null && fps >= minFps && fps <= maxFps
  return isPlausible ? Math.round(fps * 1000) / 1000 : undefined
}

/** Names of the chroma formats by `chroma_format_idc` of H.264 and HEVC. */
export const chromaFormats = ['4:0:0', '4:2:0', '4:2:2', '4:4:4'] as const

/** Whether browsers that support the codec can decode this bit depth and chroma format. */
export const isBrowserFriendly = ({ bitDepth, chroma }: Pick<VideoFormat, 'bitDepth' | 'chroma'>) =>
  bitDepth === 8 && (chroma === '4:2:0' || chroma === '4:0:0')

/** Whether codec and size are equal, so that a frame rate measured in one format is valid in the other. */
export function isSameFormat(one: VideoFormat, other: VideoFormat): boolean {
  return (
    one.codec === other.codec &&
    one.codecString === other.codecString &&
    one.width === other.width &&
    one.height === other.height
  )
}

/** Transfer functions of HDR by transfer_characteristics (ITU-T H.273 table 3). */
const hdrTransfers = new Map<number, VideoFormat['transfer']>([
  [16, 'pq'],
  [18, 'hlg'],
])

export const transferOf = (code: number): VideoFormat['transfer'] => hdrTransfers.get(code) ?? 'sdr'
