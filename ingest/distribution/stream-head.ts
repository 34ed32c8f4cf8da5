import { flvHeader, scriptTag, tagOf } from '../../core/media/flv-tag.ts'
import type { Source } from '../../core/media/source.ts'
import { amf } from '../rtmp/node-media-server.ts'

/**
 * What an FLV stream begins with: file header, metadata, codec headers. The metadata says what was measured, nothing
 * that the publisher claims reaches a transcoder.
 */
export function streamHead(
  source: Source,
  videoConfig: Buffer | undefined,
  audioConfig: Buffer | undefined,
): Buffer[] {
  const { video, audio } = source
  const dataObj = {
    ...(video ? { width: video.width, height: video.height } : {}),
    ...(audio ? { audiosamplerate: audio.sampleRate, stereo: audio.channels > 1 } : {}),
  }
  const metadata = tagOf(scriptTag, 0, amf.encodeAmf0Data({ cmd: 'onMetaData', dataObj }))
  const configs = [videoConfig, audioConfig].filter((config) => config !== undefined)
  return [flvHeader(audio !== null, video !== null), metadata, ...configs]
}
