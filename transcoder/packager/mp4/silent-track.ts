import type { AacConfig } from '../../../core/media/aac-config.ts'
import { makeBox, makeFullBox, uint32 } from './box.ts'
import { MediaError } from './media-error.ts'
import type { AudioTrack } from './movie.ts'
import { silentFrame } from './silent-frame.ts'

/** Configuration of the audio that is made for a source without audio: AAC-LC, 48 kHz, stereo. */
const silentConfig: AacConfig = {
  objectType: 2,
  codecString: 'mp4a.40.2',
  sampleRate: 48_000,
  outputSampleRate: 48_000,
  channels: 2,
  outputChannels: 2,
  frameSamples: 1024,
}

/** The track that is made for a source without audio. */
export const silentTrack: AudioTrack = {
  kind: 'audio',
  trackId: 1,
  timescale: silentConfig.sampleRate,
  defaults: { duration: 0, size: 0, flags: 0 },
  codecs: 'mp4a.40.2',
  config: silentConfig,
  frameTicks: silentConfig.frameSamples,
}

/** Payload of every sample of the silent track. */
export const silentPayload = requireFrame(silentConfig)

/** Makes the body of the `moov` of the silent track. */
export function silentMovie(): Buffer {
  const unity = uint32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
  const { timescale, trackId } = silentTrack
  const tkhd = makeFullBox(
    'tkhd',
    0,
    3,
    uint32(0, 0, trackId, 0, 0, 0, 0, 0, 0x01000000),
    unity,
    uint32(0, 0),
  )
  const mdhd = makeFullBox('mdhd', 0, 0, uint32(0, 0, timescale, 0, 0x55c40000))
  const hdlr = makeFullBox('hdlr', 0, 0, uint32(0), Buffer.from('soun'), uint32(0, 0, 0), Buffer.from([0]))
  const dinf = makeBox('dinf', makeFullBox('dref', 0, 0, uint32(1), makeFullBox('url ', 0, 1)))
  const stbl = makeBox(
    'stbl',
    makeFullBox('stsd', 0, 0, uint32(1), sampleEntry()),
    makeFullBox('stts', 0, 0, uint32(0)),
    makeFullBox('stsc', 0, 0, uint32(0)),
    makeFullBox('stsz', 0, 0, uint32(0, 0)),
    makeFullBox('stco', 0, 0, uint32(0)),
  )
  const minf = makeBox('minf', makeFullBox('smhd', 0, 0, uint32(0)), dinf, stbl)
  const mvhd = makeFullBox(
    'mvhd',
    0,
    0,
    uint32(0, 0, 1000, 0, 0x10000, 0x01000000, 0, 0),
    unity,
    uint32(0, 0, 0, 0, 0, 0, trackId + 1),
  )
  const mvex = makeBox('mvex', makeFullBox('trex', 0, 0, uint32(trackId, 1, 0, 0, 0)))
  return Buffer.concat([mvhd, makeBox('trak', tkhd, makeBox('mdia', mdhd, hdlr, minf)), mvex])
}

/** Makes `mp4a` with its ES descriptor; 0x1190 is the AudioSpecificConfig of `silentConfig`. */
function sampleEntry(): Buffer {
  const decoderConfig = [0x04, 0x11, 0x40, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x05, 0x02, 0x11, 0x90]
  const esds = Buffer.from([0x03, 0x19, 0, 1, 0, ...decoderConfig, 0x06, 0x01, 0x02])
  const fields = uint32(0, 1, 0, 0, (silentConfig.channels << 16) | 16, 0, silentTrack.timescale * 65_536)
  return makeBox('mp4a', fields, makeFullBox('esds', 0, 0, esds))
}

function requireFrame(config: AacConfig): Buffer {
  const frame = silentFrame(config)
  if (!frame) throw new MediaError('there is no silent frame for the silent track')
  return frame
}
