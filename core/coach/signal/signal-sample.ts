/** A complete GOP: its length in media time, and the time that it took to arrive, both ms. */
export type Gop = readonly [lengthMs: number, receivedMs: number]

/** What ingest measured of a publish in about one second, by its packets and without decoding. */
export interface SignalSample {
  /** End of that second, ms since the epoch. */
  at: number
  /** Number of the publish in its session. Measurements start again with each publish. */
  publish: number
  /** Bitrates by time of arrival, bits/s. */
  video: number
  audio: number
  /** Number of frames of the picture, and of packets of sound. */
  frames: number
  audioPackets: number
  /** Usual frame rate: that of the usual distance of frames. Holes do not change it. 0: not known yet. */
  fps: number
  /** Number of frames that are missing in holes between timestamps. */
  missing: number
  /** Mean difference of a frame's distance from the usual one, beyond rounding, as a share of it. */
  spread: number
  /** Longest time without a packet, ms. It may have begun before this second, and continue after it. */
  gapMs: number
  /** Time that passed on the wall clock minus media time, since the publish began, ms. */
  driftMs: number
  /** Interarrival jitter (RFC 3550 section 6.4.1), ms. */
  jitterMs: number
  /** Media time since the newest keyframe, ms. */
  gopAgeMs: number
  /** Largest time from decoding to presentation, ms. It is 0 without B-frames. */
  compositionMs: number
  /** Lead of the newest picture over the newest sound, ms, compared with the start of the publish. */
  skewMs: number
  /** Number of timestamps that went back, or more than 10 s ahead. */
  jumps: number
  /** Number of keyframes that are not IDR pictures. */
  openGops: number
  /** GOPs that became complete, at most `maxGops`. */
  gops: readonly Gop[]
}

/** Maximum number of GOPs in a sample. More come from a stream of keyframes only. */
export const maxGops = 10

/** Names of the numbers in a sample in the order in which they are written. New ones come at the end. */
const numbers = [
  'at',
  'publish',
  'video',
  'audio',
  'frames',
  'audioPackets',
  'fps',
  'missing',
  'spread',
  'gapMs',
  'driftMs',
  'jitterMs',
  'gopAgeMs',
  'compositionMs',
  'skewMs',
  'jumps',
  'openGops',
] as const satisfies readonly (keyof SignalSample)[]

/** Writes a sample as JSON without names: a list with that of its GOPs first, of about 100 characters. */
export const writeSample = (sample: SignalSample): string =>
  JSON.stringify([sample.gops, ...numbers.map((name) => sample[name])])

/** Reads what `writeSample` has written, also an earlier version, in which later numbers are 0. */
export function readSample(text: string): SignalSample {
  const [gops, ...values] = JSON.parse(text) as [Gop[], ...number[]]
  const named = Object.fromEntries(numbers.map((name, index) => [name, values[index] ?? 0]))
  return { ...(named as Record<(typeof numbers)[number], number>), gops }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** Returns one sample for at least one: means, or the worst value where that counts. */
export function mergeSamples(samples: readonly SignalSample[]): SignalSample {
  const newest = samples.at(-1)
  if (newest === undefined) throw new RangeError('there is no sample to merge')
  const all = (of: (sample: SignalSample) => number) => samples.map(of)
  const mean = (of: (sample: SignalSample) => number) => Math.round(sum(all(of)) / samples.length)
  const most = (of: (sample: SignalSample) => number) => Math.max(...all(of))
  return {
    ...newest,
    video: mean(({ video }) => video),
    audio: mean(({ audio }) => audio),
    frames: mean(({ frames }) => frames),
    audioPackets: mean(({ audioPackets }) => audioPackets),
    missing: sum(all(({ missing }) => missing)),
    spread: Math.round((sum(all(({ spread }) => spread)) / samples.length) * 1000) / 1000,
    gapMs: most(({ gapMs }) => gapMs),
    driftMs: most(({ driftMs }) => driftMs),
    jitterMs: most(({ jitterMs }) => jitterMs),
    gopAgeMs: most(({ gopAgeMs }) => gopAgeMs),
    compositionMs: most(({ compositionMs }) => compositionMs),
    jumps: sum(all(({ jumps }) => jumps)),
    openGops: sum(all(({ openGops }) => openGops)),
    gops: samples.flatMap(({ gops }) => gops).slice(-1),
  }
}
