import type { VideoSource } from '../../media/source.ts'
import { graded, type Rule, type SessionFacts } from '../issues/rule.ts'
import { quantileOf, type Trail } from '../signal/trail.ts'
import { wantedBitrate } from './bitrate-table.ts'

/** Time over which bitrates are averaged, s. */
const rateSeconds = 30
/** Time in which the usual frame rate of a publish is looked for, s. */
const usualSeconds = 120
/** Width divided by height of pictures that fill common screens, upright or not. */
const commonShapes = [16 / 9, 9 / 16, 4 / 3, 3 / 4, 1, 21 / 9]
/** `profile_idc` of the baseline profile (H.264 annex A.2.1). */
const baselineProfile = 66

/** Returns the picture if it arrives, so that its measures mean something. */
const pictureOf = (trail: Trail, { source }: SessionFacts, seconds: number): VideoSource | undefined =>
  trail.length >= seconds && trail.sum(3, ({ frames }) => frames) > 0
    ? (source?.video ?? undefined)
    : undefined

/** Sound arrives, but no frame for 3 s, or for the time of three frames of a slow source. */
const missing: Rule = {
  code: 'video_missing',
  inSeconds: 0,
  outSeconds: 3,
  find(trail, { source }) {
    const { fps } = trail.newest
    const seconds = Math.max(3, fps > 0 ? Math.ceil(3 / fps) : 3)
    const isMissing = trail.length >= seconds && trail.sum(seconds, (sample) => sample.frames) === 0
    const hasSound = trail.newest.audioPackets > 0
    return graded(seconds * 1000, 0, {
      isError: isMissing && hasSound && source?.video != null,
      isWarning: isMissing && hasSound,
    })
  },
}

/** Returns the mean bitrate of the video and the wanted ones, bits/s; undefined while no picture arrives. */
function measuredBitrate(trail: Trail, facts: SessionFacts) {
  const picture = pictureOf(trail, facts, rateSeconds)
  if (!picture) return undefined
  return { picture, rate: trail.mean(rateSeconds, ({ video }) => video), ...wantedBitrate(picture) }
}

const bitrateLow: Rule = {
  code: 'video_bitrate_low',
  inSeconds: 20,
  outSeconds: 20,
  find(trail, facts) {
    const measured = measuredBitrate(trail, facts)
    if (!measured) return undefined
    const { rate, enough } = measured
    const limits = { isWarning: rate < 0.6 * enough, isInfo: rate < 0.8 * enough }
    return graded(Math.round(rate), enough, limits)
  },
}

const bitrateHigh: Rule = {
  code: 'video_bitrate_high',
  inSeconds: 20,
  outSeconds: 20,
  find(trail, facts) {
    const measured = measuredBitrate(trail, facts)
    if (!measured) return undefined
    const { picture, rate, most } = measured
    const isSmall = picture.width * picture.height <= 1920 * 1088
    const limits = { isError: isSmall && rate > 15_000_000, isWarning: rate > most }
    return graded(Math.round(rate), most, limits)
  },
}

/** Compares with the usual rate of this publish. A rate that never was higher is no issue. */
const frameRateLow: Rule = {
  code: 'frame_rate_low',
  inSeconds: 10,
  outSeconds: 20,
  isHeldBack: true,
  find(trail, facts) {
    if (!pictureOf(trail, facts, rateSeconds)) return undefined
    const { fps } = trail.newest
    // Sorting is left out in the usual case, in which the rate has not fallen.
    if (fps >= 0.95 * trail.max(usualSeconds, (sample) => sample.fps)) return undefined
    const usual = quantileOf(
      trail.last(usualSeconds, (sample) => sample.fps),
      0.9,
    )
    return graded(fps, usual, { isError: fps < 0.8 * usual, isWarning: fps < 0.95 * usual })
  },
}

const frameRateVariable: Rule = {
  code: 'frame_rate_variable',
  inSeconds: 20,
  outSeconds: 20,
  isHeldBack: true,
  find(trail) {
    const percent = Math.round(trail.mean(20, ({ spread }) => spread) * 1000) / 10
    return graded(percent, 0, { isInfo: percent > 2 })
  },
}

const frameRateHigh: Rule = {
  code: 'frame_rate_high',
  inSeconds: 5,
  outSeconds: 10,
  isHeldBack: true,
  find({ newest: { fps } }) {
    return graded(fps, 60, { isInfo: fps > 61 })
  },
}

const resolutionOdd: Rule = {
  code: 'resolution_odd',
  inSeconds: 5,
  outSeconds: 0,
  find(_, { source, renditions }) {
    const { width, height, pixelAspect = 1 } = source?.video ?? {}
    if (!width || !height) return undefined
    const shape = (width * pixelAspect) / height
    const isCommon = commonShapes.some((common) => Math.abs(shape / common - 1) < 0.015)
    const isOdd = width % 2 === 1 || height % 2 === 1
    const isEncoded = renditions.some(({ kind, passthrough }) => kind === 'video' && !passthrough)
    const isLarge = isEncoded && Math.max(width, height) > 1920
    const wanted = width < height ? '1080×1920' : '1920×1080'
    return graded(`${width}×${height}`, wanted, { isInfo: isOdd || !isCommon || isLarge })
  },
}

const notBrowserFriendly: Rule = {
  code: 'video_not_browser_friendly',
  inSeconds: 0,
  outSeconds: 0,
  find(_, { source }) {
    const { isBrowserFriendly = true, bitDepth, chroma } = source?.video ?? {}
    return graded(`${bitDepth} bit ${chroma}`, '8 bit 4:2:0', { isWarning: !isBrowserFriendly })
  },
}

/** Returns profile and level in an RFC 6381 codec string of H.264; undefined for other codecs. */
function profileAndLevel(codecString: string | null | undefined) {
  const [, profile = '', level = ''] =
    /^avc1\.([\da-f]{2})[\da-f]{2}([\da-f]{2})$/i.exec(codecString ?? '') ?? []
  return level === ''
    ? undefined
    : { profile: Number.parseInt(profile, 16), level: Number.parseInt(level, 16) }
}

const levelHigh: Rule = {
  code: 'profile_level_high',
  inSeconds: 0,
  outSeconds: 0,
  find(_, { source }) {
    const { level = 0 } = profileAndLevel(source?.video?.codecString) ?? {}
    return graded((level / 10).toFixed(1), '5.1', { isInfo: level > 51 })
  },
}

const baseline: Rule = {
  code: 'profile_baseline',
  inSeconds: 0,
  outSeconds: 0,
  find(_, { source }) {
    const { profile } = profileAndLevel(source?.video?.codecString) ?? {}
    return graded('baseline', 'high', { isInfo: profile === baselineProfile })
  },
}

const bFrames: Rule = {
  code: 'b_frames',
  inSeconds: 5,
  outSeconds: 5,
  find(trail, { latency }) {
    const ms = trail.max(5, ({ compositionMs }) => compositionMs)
    return graded(ms, 0, { isInfo: latency === 'ultra' && ms > 0 })
  },
}

const interlaced: Rule = {
  code: 'interlaced',
  inSeconds: 0,
  outSeconds: 0,
  find(_, { source }) {
    return graded('interlaced', 'progressive', { isWarning: source?.video?.isInterlaced === true })
  },
}

export const videoRules: readonly Rule[] = [
  missing,
  bitrateLow,
  bitrateHigh,
  frameRateLow,
  frameRateVariable,
  frameRateHigh,
  resolutionOdd,
  notBrowserFriendly,
  levelHigh,
  baseline,
  bFrames,
  interlaced,
]
