import { graded, type Rule } from '../issues/rule.ts'

/** Time in which the highest bitrate counts, s: many encoders send little while it is quiet. */
const rateSeconds = 30
/** Bitrates of one channel below which sound is poor, bits/s: of Opus, and of other codecs. */
const [enoughOpus, enoughOthers] = [24_000, 48_000]
const mostBitrate = 320_000
/** Overhead of codecs and tags that is not counted as too much. */
const overhead = 1.1
const usualSampleRates = [44_100, 48_000]

/** Frames arrive, but no sound for 3 s. */
const missing: Rule = {
  code: 'audio_missing',
  inSeconds: 0,
  outSeconds: 3,
  find(trail) {
    const isMissing = trail.length >= 3 && trail.sum(3, ({ audioPackets }) => audioPackets) === 0
    return graded(3000, 0, { isWarning: isMissing && trail.newest.frames > 0 })
  },
}

const bitrateLow: Rule = {
  code: 'audio_bitrate_low',
  inSeconds: 20,
  outSeconds: 20,
  find(trail, { source }) {
    if (!source?.audio || trail.length < rateSeconds) return undefined
    const { channels, codec } = source.audio
    const enough = Math.min(2, channels) * (codec === 'opus' ? enoughOpus : enoughOthers)
    const rate = trail.max(rateSeconds, ({ audio }) => audio)
    return graded(rate, enough, { isInfo: rate > 0 && rate < enough })
  },
}

const bitrateHigh: Rule = {
  code: 'audio_bitrate_high',
  inSeconds: 20,
  outSeconds: 20,
  find(trail, { source }) {
    const rate = Math.round(trail.mean(rateSeconds, ({ audio }) => audio))
    const most = mostBitrate * Math.max(1, (source?.audio?.channels ?? 2) / 2)
    return graded(rate, most, { isInfo: rate > most * overhead })
  },
}

/** Opus always has 48 kHz, so it has no issue here. */
const sampleRate: Rule = {
  code: 'audio_sample_rate',
  inSeconds: 0,
  outSeconds: 0,
  find(_, { source }) {
    const rate = source?.audio?.sampleRate ?? 48_000
    return graded(rate, 48_000, { isWarning: !usualSampleRates.includes(rate) })
  },
}

const channels: Rule = {
  code: 'audio_channels',
  inSeconds: 0,
  outSeconds: 0,
  find(_, { source }) {
    const count = source?.audio?.channels ?? 2
    return graded(count, 2, { isInfo: count > 2 })
  },
}

export const audioRules: readonly Rule[] = [missing, bitrateLow, bitrateHigh, sampleRate, channels]
