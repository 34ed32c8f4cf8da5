import { payloadOf, scriptTag, tagOf } from '../../core/media/flv-tag.ts'
import type { Source } from '../../core/media/source.ts'
import { asAmf0 } from './amf-shape.ts'
import { amf } from './node-media-server.ts'

/**
 * Tracks that a publisher says it will send. A track is false when the metadata names a codec only for the
 * other one. This only changes how long the session waits for a missing track.
 */
export interface StatedTracks {
  video: boolean | undefined
  audio: boolean | undefined
}

/**
 * Parses `onMetaData` in a data message. Returns undefined when the message is another one or malformed, or
 * names no codec.
 */
export function readStatedTracks(tag: Buffer): StatedTracks | undefined {
  const payload = payloadOf(tag)
  try {
    const { cmd, method, dataObj } = amf.decodeAmf0Data(asAmf0(payload))
    const name = cmd === '@setDataFrame' ? method : cmd
    if (name !== 'onMetaData' || typeof dataObj !== 'object' || dataObj === null) return undefined
    const { videocodecid, audiocodecid } = dataObj as { videocodecid?: unknown; audiocodecid?: unknown }
    if (videocodecid === undefined && audiocodecid === undefined) return undefined
    return { video: isCodec(videocodecid), audio: isCodec(audiocodecid) }
  } catch {
    // Malformed metadata does no harm: the packets show which tracks there are.
    return undefined
  }
}

const isCodec = (id: unknown) => id !== undefined && id !== 0 && id !== ''

/**
 * Creates the tag of `onMetaData` for transcoders. It contains only what ingest found in the media, never
 * what the publisher claims.
 */
export function metadataTag({ video, audio }: Source): Buffer {
  const dataObj = {
    ...(video ? { width: video.width, height: video.height } : {}),
    ...(audio ? { audiosamplerate: audio.sampleRate, stereo: audio.channels > 1 } : {}),
  }
  return tagOf(scriptTag, 0, amf.encodeAmf0Data({ cmd: 'onMetaData', dataObj }))
}
