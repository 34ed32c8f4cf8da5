import { audioBodyOf, audioPacketOf, audioTagOf } from '../../../core/media/flv-audio.ts'
import { audioTag, scriptTag, tagTypeAt, timestampAt, videoTag } from '../../../core/media/flv-tag.ts'
import { compositionTimeOf, videoPacketOf, videoTagOf } from '../../../core/media/flv-video.ts'
import type { Source } from '../../../core/media/source.ts'
import { PublishSession } from '../../../ingest/session/publish-session.ts'
import { avcRecord, avcSample, avcSps } from './avc-bytes.ts'

const limits = { maxLong: 8192, maxShort: 4320, maxPixelRate: 600e6, maxBitrate: 50e6 }
const record = avcRecord(avcSps(640, 352, 30))
const idr = avcSample(Buffer.from('65aabbcc', 'hex'))
const slice = avcSample(Buffer.from('41aabbcc', 'hex'))

/**
 * Creates a session whose publisher is the test. A packet arrives at the time of its timestamp unless the
 * test says otherwise.
 */
export function openSession(overrides: Partial<typeof limits> = {}) {
  const sources: Source[] = []
  const zeros: number[] = []
  const session = new PublishSession({
    sessionId: 's_test',
    limits: { ...limits, ...overrides },
    onSource(source, mediaZeroAt) {
      sources.push(source)
      zeros.push(mediaZeroAt)
    },
  })
  const ends: (string | null)[] = []
  session.onEnd((reason, detail) => ends.push(reason, detail))
  const begin = 500_000
  const send = (type: number, tag: Buffer, timestamp: number, now = timestamp) => {
    session.receive(type, timestamp >>> 0, Buffer.from(tag), begin + now)
    session.flush()
  }
  const picture = (packet: 'config' | 'keyframe' | 'frame', body: Buffer, compositionTime = 0) =>
    videoTagOf({ codec: 'h264', packet, compositionTime, body })
  return {
    session,
    sources,
    /** Dates of session time 0, ms since 1970: one for each of `sources`. */
    zeros,
    ends,
    send,
    header: (at = 0, body = record) => send(videoTag, picture('config', body), at),
    keyframe: (at: number, now = at, compositionTime = 0) =>
      send(videoTag, picture('keyframe', idr, compositionTime), at, now),
    frame: (at: number, now = at, compositionTime = 0) =>
      send(videoTag, picture('frame', slice, compositionTime), at, now),
    soundHeader: (config = '1190', at = 0) =>
      send(audioTag, audioTagOf('aac', 'config', Buffer.from(config, 'hex')), at),
    sound: (at: number, now = at, body = '2101') =>
      send(audioTag, audioTagOf('aac', 'frame', Buffer.from(body, 'hex')), at, now),
  }
}

/** Subscribes to a session. Each received tag, the FLV header and the end become a line of the result. */
export function subscribeTo(session: PublishSession) {
  const lines: string[] = []
  const describe = (tag: Buffer) => {
    const type = tag.toString('latin1', 0, 3) === 'FLV' ? 0 : tagTypeAt(tag, 0)
    if (type === 0) return 'FLV'
    const time = timestampAt(tag, 0)
    if (type === scriptTag) return 'metadata'
    if (type === videoTag) return `video ${videoPacketOf(tag)} ${time} +${compositionTimeOf(tag)}`
    const packet = audioPacketOf(tag)
    return `audio ${packet} ${packet === 'config' ? audioBodyOf(tag).toString('hex') : time}`
  }
  session.subscribe({
    write: (tags) => void lines.push(...tags.map(describe)),
    end: () => void lines.push('end'),
  })
  return lines
}
