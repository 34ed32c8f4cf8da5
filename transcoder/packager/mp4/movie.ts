import { type AacConfig, parseAacConfig } from '../../../core/media/aac-config.ts'
import { boxesIn, requireBox, typeCode } from './box.ts'
import { MediaError } from './media-error.ts'

/** Sample defaults of a track (`trex`, ISO/IEC 14496-12 8.8.3). */
export interface SampleDefaults {
  duration: number
  size: number
  flags: number
}

interface TrackBase {
  /** Ticks per second. */
  timescale: number
  trackId: number
  defaults: SampleDefaults
  /** Codec string of RFC 6381. */
  codecs: string
}

export interface VideoTrack extends TrackBase {
  kind: 'video'
  /** Display size, pixels. */
  width: number
  height: number
}

export interface AudioTrack extends TrackBase {
  kind: 'audio'
  config: AacConfig
  /** Duration of a frame, ticks. */
  frameTicks: number
}

export type Track = VideoTrack | AudioTrack

const avc1 = typeCode('avc1')
const mp4a = typeCode('mp4a')

/**
 * Parses the only track of a movie header (the body of `moov`).
 * @throws MediaError when a box is missing or the codec is neither H.264 nor AAC.
 */
export function parseMovie(moov: Buffer): Track {
  const tkhd = requireBox(moov, ['trak', 'tkhd'])
  const mdhd = requireBox(moov, ['trak', 'mdia', 'mdhd'])
  const stsd = requireBox(moov, ['trak', 'mdia', 'minf', 'stbl', 'stsd'])
  const isLong = moov[tkhd.body] === 1
  const base = {
    trackId: moov.readUInt32BE(tkhd.body + (isLong ? 20 : 12)),
    timescale: moov.readUInt32BE(mdhd.body + (moov[mdhd.body] === 1 ? 20 : 12)),
    defaults: parseDefaults(moov),
  }
  if (base.timescale === 0) throw new MediaError('timescale is 0')
  const [entry] = boxesIn(moov, stsd.body + 8, stsd.end)
  if (entry?.type === avc1) {
    const avcC = requireBox(moov, ['avcC'], entry.body + 78, entry.end)
    const codecs = `avc1.${moov.toString('hex', avcC.body + 1, avcC.body + 4)}`
    const width = Math.round(moov.readUInt32BE(tkhd.end - 8) / 65_536)
    const height = Math.round(moov.readUInt32BE(tkhd.end - 4) / 65_536)
    return { kind: 'video', ...base, codecs, width, height }
  }
  if (entry?.type === mp4a) {
    const esds = requireBox(moov, ['esds'], entry.body + 28, entry.end)
    const config = parseAacConfig(decoderConfig(moov.subarray(esds.body + 4, esds.end)))
    const codecs = `mp4a.40.${config.objectType}`
    const frameTicks = Math.round((config.frameSamples * base.timescale) / config.sampleRate)
    return { kind: 'audio', ...base, codecs, config, frameTicks }
  }
  throw new MediaError('the codec is neither H.264 nor AAC')
}

function parseDefaults(moov: Buffer): SampleDefaults {
  const { body } = requireBox(moov, ['mvex', 'trex'])
  return {
    duration: moov.readUInt32BE(body + 12),
    size: moov.readUInt32BE(body + 16),
    flags: moov.readUInt32BE(body + 20),
  }
}

/** Returns the DecoderSpecificInfo inside an ES descriptor (ISO/IEC 14496-1 7.2.6). */
function decoderConfig(descriptors: Buffer): Buffer {
  /** Size of a descriptor's own fields, which precede the descriptors inside it; bytes by tag. */
  const fieldsBefore: Record<number, number> = { 3: 3, 4: 13 }
  let at = 0
  while (at < descriptors.length) {
    const tag = descriptors[at++] ?? 0
    let size = 0
    for (let byte = 0x80; byte & 0x80; ) {
      byte = descriptors[at++] ?? 0
      size = size * 128 + (byte & 0x7f)
    }
    if (tag === 5) return descriptors.subarray(at, at + size)
    at += fieldsBefore[tag] ?? size
  }
  throw new MediaError('no AAC configuration')
}
