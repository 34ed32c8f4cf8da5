import { audioTagOf } from '../../../core/media/flv-audio.ts'
import { audioTag, videoTag } from '../../../core/media/flv-tag.ts'
import { videoTagOf } from '../../../core/media/flv-video.ts'
import { avcRecord, avcSample, avcSps } from '../ingest/avc-bytes.ts'

/** A message of the publisher. Times are ms since the start. */
export interface DayPacket {
  type: number
  /** RTMP timestamp, 32 bits. */
  raw: number
  /** FLV tag without times. */
  tag: Buffer
  arrivesAt: number
}

/** Something that happens to the source or its network. `at` is in seconds since the start. */
export type DayEvent = { at: number } & (
  | { kind: 'raw step'; toRaw: number }
  /** Nothing arrives for `seconds`. Then all that was sent arrives at once. */
  | { kind: 'stall'; seconds: number }
  /**
   * Frames are not sent for `seconds`, as when an encoder drops them. Keyframes are still sent. After a loss
   * of video, the other frames follow from the next keyframe on.
   */
  | { kind: 'lost'; tracks: 'both' | 'video' | 'audio'; seconds: number }
  /** Another size of the picture, from the next keyframe on. */
  | { kind: 'new header'; width: number }
  | { kind: 'gop'; seconds: number }
  /** Timestamps advance by `rate` ms for each ms of real time. */
  | { kind: 'rate'; rate: number }
)

/**
 * Returns the events of a day of `seconds`, at equal distances: each once per whole hour, and at least once.
 * Times without media are shorter than the idle timeout of ingest.
 */
export function dayEvents(seconds: number): DayEvent[] {
  const nearWrap = 2 ** 32 - 5000
  const rounds = Math.max(1, Math.floor(seconds / 3600))
  const round = [
    { kind: 'stall', seconds: 5 },
    { kind: 'raw step', toRaw: nearWrap },
    { kind: 'lost', tracks: 'both', seconds: 2 },
    { kind: 'lost', tracks: 'video', seconds: 4 },
    { kind: 'raw step', toRaw: 0 },
    { kind: 'lost', tracks: 'audio', seconds: 5 },
    { kind: 'new header', width: 1280 },
    { kind: 'rate', rate: 1.0005 },
    { kind: 'stall', seconds: 9 },
    { kind: 'raw step', toRaw: 3_600_000 },
    { kind: 'rate', rate: 1 },
    { kind: 'gop', seconds: 1 },
    { kind: 'lost', tracks: 'both', seconds: 8 },
    { kind: 'raw step', toRaw: 2 ** 31 - 5000 },
    { kind: 'raw step', toRaw: nearWrap },
    { kind: 'new header', width: 640 },
    { kind: 'lost', tracks: 'both', seconds: 1 },
    { kind: 'gop', seconds: 2 },
  ] as const
  const events = Array.from({ length: rounds }, () => round).flat()
  return events.map((event, index) => ({ ...event, at: ((index + 1) * seconds) / (events.length + 1) }))
}

/** Timestamp of the first packet, ms: 32 bits wrap a minute later. */
const firstRaw = 2 ** 32 - 60_000
const fps = 30
const audioFrameMs = 1024 / 48
const maxDelayMs = 30
/** Bytes in each frame before its time of capture, ms as a big-endian double. */
export const captureMark = Buffer.from('c10cc10c', 'hex')

/** State of a source, which events change. */
interface SourceState {
  gopFrames: number
  width: number
  rawOrigin: { raw: number; atMs: number; rate: number }
  stalledUntilMs: number
  lostUntilMs: { video: number; audio: number }
}

/**
 * Yields the messages of a source with 30 pictures/s and AAC, to which `events` happen. Each frame carries
 * its time of capture. `random` returns numbers from 0 to 1 for the network delay.
 */
export function* daySource(
  seconds: number,
  events: readonly DayEvent[],
  random: () => number,
): Generator<DayPacket> {
  const state: SourceState = {
    gopFrames: 2 * fps,
    width: 640,
    rawOrigin: { raw: firstRaw, atMs: 0, rate: 1 },
    stalledUntilMs: 0,
    lostUntilMs: { video: 0, audio: 0 },
  }
  const left = [...events]
  let arrivesAt = 0
  let sentWidth = 0
  let gopAt = 0
  let isLost = false
  const packet = (type: number, tag: Buffer, capturedMs: number): DayPacket => {
    const { raw, atMs, rate } = state.rawOrigin
    arrivesAt = Math.max(arrivesAt, state.stalledUntilMs, capturedMs + random() * maxDelayMs)
    return { type, tag, arrivesAt, raw: Math.floor(raw + (capturedMs - atMs) * rate) % 2 ** 32 }
  }
  yield packet(audioTag, audioTagOf('aac', 'config', Buffer.from('1190', 'hex')), 0)
  for (let frame = 0, sound = 0; frame < seconds * fps; ) {
    const isPicture = (frame * 1000) / fps <= sound * audioFrameMs
    const capturedMs = isPicture ? (frame * 1000) / fps : sound * audioFrameMs
    while (left[0] && left[0].at * 1000 <= capturedMs) apply(left.shift() as DayEvent, state, capturedMs)
    if (isPicture) {
      const isKeyframe = frame === 0 || frame - gopAt >= state.gopFrames
      if (isKeyframe) gopAt = frame
      if (capturedMs < state.lostUntilMs.video) isLost = true
      else if (isKeyframe) isLost = false
      if (isKeyframe && sentWidth !== state.width) {
        sentWidth = state.width
        yield packet(videoTag, headerTag(state.width), capturedMs)
      }
      if (!isLost || isKeyframe) yield packet(videoTag, pictureTag(isKeyframe, capturedMs), capturedMs)
      frame += 1
    } else {
      if (capturedMs >= state.lostUntilMs.audio) yield packet(audioTag, soundTag(capturedMs), capturedMs)
      sound += 1
    }
  }
}

function apply(event: DayEvent, state: SourceState, nowMs: number): void {
  const { raw, atMs, rate } = state.rawOrigin
  if (event.kind === 'raw step') state.rawOrigin = { raw: event.toRaw, atMs: nowMs, rate }
  else if (event.kind === 'rate')
    state.rawOrigin = { raw: raw + (nowMs - atMs) * rate, atMs: nowMs, rate: event.rate }
  else if (event.kind === 'gop') state.gopFrames = event.seconds * fps
  else if (event.kind === 'new header') state.width = event.width
  else {
    const untilMs = nowMs + event.seconds * 1000
    if (event.kind === 'stall') state.stalledUntilMs = untilMs
    else {
      if (event.tracks !== 'audio') state.lostUntilMs.video = untilMs
      if (event.tracks !== 'video') state.lostUntilMs.audio = untilMs
    }
  }
}

function captured(head: readonly number[], capturedMs: number): Buffer {
  const time = Buffer.alloc(8)
  time.writeDoubleBE(capturedMs)
  return Buffer.concat([Buffer.from(head), captureMark, time])
}

const headerTag = (width: number) =>
  videoTagOf({
    codec: 'h264',
    packet: 'config',
    compositionTime: 0,
    body: avcRecord(avcSps(width, 352, fps)),
  })

const pictureTag = (isKeyframe: boolean, capturedMs: number) =>
  videoTagOf({
    codec: 'h264',
    packet: isKeyframe ? 'keyframe' : 'frame',
    compositionTime: 0,
    body: avcSample(captured([isKeyframe ? 0x65 : 0x41], capturedMs)),
  })

const soundTag = (capturedMs: number) => audioTagOf('aac', 'frame', captured([0x21, 0x01], capturedMs))
