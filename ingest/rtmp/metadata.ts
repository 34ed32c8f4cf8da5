import { payloadOf, scriptTag, tagOf } from '../../core/media/flv-tag.ts'
import type { Source } from '../../core/media/source.ts'
import { checkAmf0 } from './amf-shape.ts'
import { amf } from './node-media-server.ts'

/**
 * Which tracks a publisher says it will send; undefined where it says nothing. This only affects how long the
 * session waits for a missing track.
 */
export interface StatedTracks {
  video: boolean | undefined
  audio: boolean | undefined
}

/** Parses `onMetaData` in a data message; undefined when it is something else or malformed. */
export function readStatedTracks(tag: Buffer): StatedTracks | undefined {
  const payload = payloadOf(tag)
  try {
    checkAmf0(payload)
    const { cmd, method, dataObj } = amf.decodeAmf0Data(payload)
    const name = cmd === '@setDataFrame' ? method : cmd
    if (name !== 'onMetaData' || typeof dataObj !== 'object' || dataObj === null) return undefined
    const { videocodecid, audiocodecid } = dataObj as { videocodecid?: unknown; audiocodecid?: unknown }
    if (videocodecid === undefined && audiocodecid === undefined) return undefined
    return { video: isCodec(videocodecid), audio: isCodec(audiocodecid) }
  } catch {
    // Metadata is optional: the packets reveal the tracks.
    return undefined
  }
}

const isCodec = (id: unknown) => id !== undefined && id !== 0 && id !== ''

/**
 * Returns the tag of `onMetaData` for transcoders. It contains what was measured: nothing that the publisher
 * claims reaches a transcoder.
 */
export function metadataTag({ video, audio }: Source): Buffer {
  const dataObj = {
    ...(video ? { width: video.width, height: video.height } : {}),
    ...(audio ? { audiosamplerate: audio.sampleRate, stereo: audio.channels > 1 } : {}),
  }
  return tagOf(scriptTag, 0, amf.encodeAmf0Data({ cmd: 'onMetaData', dataObj }))
}
