import { payloadOf } from '../../core/media/flv-tag.ts'
import { checkAmf0 } from './amf-shape.ts'
import { amf } from './node-media-server.ts'

/** Which tracks a publisher says it will send; undefined where it says nothing. Only shortens or lengthens a wait. */
export interface StatedTracks {
  video: boolean | undefined
  audio: boolean | undefined
}

/** Reads onMetaData in a data message; undefined when it is something else or malformed. */
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
    // What cannot be read says nothing; the packets will tell.
    return undefined
  }
}

const isCodec = (id: unknown) => id !== undefined && id !== 0 && id !== ''
