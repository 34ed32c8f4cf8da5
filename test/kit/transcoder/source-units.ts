import { audioTagOf } from '../../../core/media/flv-audio.ts'
import { audioTag, sealTag, videoTag } from '../../../core/media/flv-tag.ts'
import { videoTagOf } from '../../../core/media/flv-video.ts'
import { createUnitParser, type MediaUnit } from '../../../transcoder/source/media-unit.ts'

/** Configuration records of x264 (AVCDecoderConfigurationRecord): 1280x720 and 640x360, High profile. */
export const avcRecords = {
  '720p': '0164001fffe1001a6764001facd9405005bb011000000300100000030320f183196001000468ef8fcbfdf8f800',
  '360p': '0164001effe1001a6764001eacd940a02ff97011000003000100000300320f162d9601000468ef8fcbfdf8f800',
} as const
/** AudioSpecificConfigs of AAC-LC, stereo, 48 and 44.1 kHz. */
export const aacRecords = { '48k': '1190', '44k': '1210' } as const

/** Creates functions that make units of a source. The frames cannot be decoded. */
export function createUnits() {
  const parse = createUnitParser(0)
  function unitOf(tag: Buffer, type: number, ms: number): MediaUnit {
    sealTag(tag, type, ms)
    const unit = parse(tag)
    if (unit === undefined) throw new Error('no unit')
    return unit
  }
  const video = (packet: 'config' | 'keyframe' | 'frame', ms: number, body: Buffer) =>
    unitOf(videoTagOf({ codec: 'h264', packet, compositionTime: 0, body }), videoTag, ms)

  return {
    videoConfig: (record: keyof typeof avcRecords = '720p') =>
      video('config', 0, Buffer.from(avcRecords[record], 'hex')),
    audioConfig: (record: keyof typeof aacRecords = '48k') =>
      unitOf(audioTagOf('aac', 'config', Buffer.from(aacRecords[record], 'hex')), audioTag, 0),
    videoFrame: (ms: number, isKeyframe = false) =>
      video(isKeyframe ? 'keyframe' : 'frame', ms, Buffer.alloc(100, 1)),
    audioFrame: (ms: number) => unitOf(audioTagOf('aac', 'frame', Buffer.alloc(20, 1)), audioTag, ms),
  }
}
