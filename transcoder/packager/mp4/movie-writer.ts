import { parseAacConfig } from '../../../core/media/codec/aac.ts'
import type { VideoFormat } from '../../../core/media/codec/video-format.ts'
import { makeBox, makeFullBox, uint32 } from './box.ts'
import { type AudioTrack, type DescribedTrack, trackId, type VideoTrack } from './track.ts'

/** Ticks per second of every video track. */
export const videoTimescale = 90_000

/** File type of a CMAF track: the compatible brands include `cmfc` (ISO/IEC 23000-19 7.2). */
const fileType = makeBox('ftyp', Buffer.from('iso6'), uint32(0), Buffer.from('iso6cmfcmp41'))

/** Names of the sample entry and of the configuration box, for each codec that can be passed through. */
const videoBoxes = {
  h264: { entry: 'avc1', config: 'avcC' },
  hevc: { entry: 'hvc1', config: 'hvcC' },
  av1: { entry: 'av01', config: 'av1C' },
} as const

export type PassedCodec = keyof typeof videoBoxes

/** Describes a video track by its format and configuration record (ISO/IEC 14496-12 12.1, 14496-15 5.4.2). */
export function describeVideo(
  codec: PassedCodec,
  { codecString, width, height, pixelAspect, transfer }: VideoFormat,
  record: Buffer,
): DescribedTrack<VideoTrack> {
  const displayWidth = Math.round(width * pixelAspect)
  const { entry, config } = videoBoxes[codec]
  const sampleEntry = makeBox(
    entry,
    uint32(0, 1, 0, 0, 0, 0),
    uint32((width << 16) | height, 0x0048_0000, 0x0048_0000, 0, 0x0001_0000),
    Buffer.alloc(30),
    Buffer.from([0, 0x18, 0xff, 0xff]),
    makeBox(config, record),
    ...(pixelAspect === 1 ? [] : [makeBox('pasp', uint32(...ratioOf(pixelAspect)))]),
  )
  const track: VideoTrack = {
    kind: 'video',
    timescale: videoTimescale,
    codecs: codecString ?? entry,
    width: displayWidth,
    height,
    transfer,
  }
  const header = makeFullBox('vmhd', 0, 1, uint32(0, 0))
  return {
    track,
    init: initOf({ track, handler: 'vide', header, sampleEntry, size: [displayWidth, height] }),
  }
}

/**
 * Describes an AAC track by its AudioSpecificConfig (ISO/IEC 14496-12 12.2, 14496-14 5.6). @throws RangeError
 * when that is malformed or its object type is unknown
 */
export function describeAac(specificConfig: Buffer): DescribedTrack<AudioTrack> {
  const config = parseAacConfig(specificConfig)
  const sampleEntry = makeBox(
    'mp4a',
    uint32(
      0,
      1,
      0,
      0,
      (config.outputChannels << 16) | 16,
      0,
      config.sampleRate < 65_536 ? config.sampleRate * 65_536 : 0,
    ),
    makeFullBox('esds', 0, 0, elementaryStream(specificConfig)),
  )
  const track: AudioTrack = {
    kind: 'audio',
    timescale: config.sampleRate,
    codecs: config.codecString,
    config,
    frameTicks: config.frameSamples,
  }
  const header = makeFullBox('smhd', 0, 0, uint32(0))
  return { track, init: initOf({ track, handler: 'soun', header, sampleEntry, size: [0, 0] }) }
}

/** Returns the ES descriptor of AAC (ISO/IEC 14496-1 7.2.6.5). */
function elementaryStream(specificConfig: Buffer): Buffer {
  const descriptor = (tag: number, ...body: Buffer[]) => {
    const bytes = Buffer.concat(body)
    return Buffer.concat([Buffer.from([tag, bytes.length]), bytes])
  }
  const decoder = descriptor(
    4,
    // Object type AAC, stream type audio; buffer size and bitrates are 0, which means unknown.
    Buffer.from([0x40, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    descriptor(5, specificConfig),
  )
  return descriptor(3, Buffer.from([0, 1, 0]), decoder, descriptor(6, Buffer.from([2])))
}

interface TrackFields {
  track: VideoTrack | AudioTrack
  handler: 'vide' | 'soun'
  /** The box `vmhd` or `smhd`. */
  header: Buffer
  sampleEntry: Buffer
  /** Size at which the picture is presented, pixels; 0 for audio. */
  size: readonly [width: number, height: number]
}

const unityMatrix = uint32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
const undetermined = 0x55c40000

function initOf({ track, handler, header, sampleEntry, size }: TrackFields): Buffer {
  const { timescale, kind } = track
  const volume = kind === 'audio' ? 0x01000000 : 0
  const [width, height] = size
  const tkhd = makeFullBox(
    'tkhd',
    0,
    3,
    uint32(0, 0, trackId, 0, 0, 0, 0, 0, volume),
    unityMatrix,
    uint32((width << 16) >>> 0, (height << 16) >>> 0),
  )
  const mdhd = makeFullBox('mdhd', 0, 0, uint32(0, 0, timescale, 0, undetermined))
  const hdlr = makeFullBox('hdlr', 0, 0, uint32(0), Buffer.from(handler), uint32(0, 0, 0), Buffer.from([0]))
  const dinf = makeBox('dinf', makeFullBox('dref', 0, 0, uint32(1), makeFullBox('url ', 0, 1)))
  const stbl = makeBox(
    'stbl',
    makeFullBox('stsd', 0, 0, uint32(1), sampleEntry),
    makeFullBox('stts', 0, 0, uint32(0)),
    makeFullBox('stsc', 0, 0, uint32(0)),
    makeFullBox('stsz', 0, 0, uint32(0, 0)),
    makeFullBox('stco', 0, 0, uint32(0)),
  )
  const minf = makeBox('minf', header, dinf, stbl)
  const mvhd = makeFullBox(
    'mvhd',
    0,
    0,
    uint32(0, 0, 1000, 0, 0x10000, 0x01000000, 0, 0),
    unityMatrix,
    uint32(0, 0, 0, 0, 0, 0, trackId + 1),
  )
  const mvex = makeBox('mvex', makeFullBox('trex', 0, 0, uint32(trackId, 1, 0, 0, 0)))
  const trak = makeBox('trak', tkhd, makeBox('mdia', mdhd, hdlr, minf))
  return Buffer.concat([fileType, makeBox('moov', mvhd, trak, mvex)])
}

/**
 * Returns a pixel aspect ratio as width and height: the fraction with the smallest height up to 256 that
 * equals it within 0.000001, otherwise thousandths.
 */
function ratioOf(value: number): [number, number] {
  const height = Array.from({ length: 256 }, (_, index) => index + 1).find(
    (candidate) => Math.abs(Math.round(value * candidate) / candidate - value) < 1e-6,
  )
  return height === undefined ? [Math.round(value * 1000), 1000] : [Math.round(value * height), height]
}
