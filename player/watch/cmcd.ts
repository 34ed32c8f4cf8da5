import type { Viewing } from './viewing.ts'

/** How playback stands; NaN or undefined what is not known. */
export interface PlaybackSample {
  bufferSeconds: number | undefined
  /** Of what is shown, bits/s. */
  bitrate: number | undefined
  /** Bits/s. */
  throughput: number | undefined
  latencySeconds: number | undefined
}

/** How often more is told than who watches, ms. */
const tellEveryMs = 1000

/**
 * Gives what to put into playlist requests, so that the edge knows who watches and how it goes: CMCD 2 in the query (CTA-5004-B). Media is
 * asked for without: its URLs stay good for every cache on the way.
 */
export function createCmcd(viewing: Viewing, sample: () => PlaybackSample, now = () => performance.now()) {
  let toldAt = Number.NEGATIVE_INFINITY

  function more(): string[] {
    if (now() - toldAt < tellEveryMs) return []
    const news = viewing.take()
    if (news === undefined) return []
    toldAt = now()
    const { bufferSeconds, bitrate, throughput, latencySeconds } = sample()
    return [
      ...list('bl', bufferSeconds, 1000, 100),
      ...(news.stallsMs.length > 0 ? ['bs', `bsd=(${news.stallsMs.map(Math.round).join(' ')})`] : []),
      ...item('ltc', latencySeconds, 1000),
      ...item('msd', news.joinMs, 1),
      ...list('mtp', throughput, 0.001, 100),
      ...item('nowcast-played', news.playedMs, 1),
      ...list('pb', bitrate, 0.001, 1),
    ]
  }

  return {
    /** The URL of a media playlist with what there is to tell; with `isPicture` false only who watches. */
    urlOf(url: string, isPicture: boolean): string {
      const keys = [...(isPicture ? more() : []), `sid="${viewing.id}"`, 'v=2']
      return `${url}${url.includes('?') ? '&' : '?'}CMCD=${encodeURIComponent(keys.join(','))}`
    },
  }
}

const isKnown = (value: number | undefined): value is number => value !== undefined && value >= 0

/** A key with a whole number in the unit of the key. */
const item = (key: string, value: number | undefined, unit: number) =>
  isKnown(value) ? [`${key}=${Math.round(value * unit)}`] : []

/** A key with a list of one whole number, rounded to `step`. */
const list = (key: string, value: number | undefined, unit: number, step: number) =>
  isKnown(value) ? [`${key}=(${Math.round((value * unit) / step) * step})`] : []
