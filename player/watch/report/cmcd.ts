import type { ExperienceMonitor } from './experience-monitor.ts'

/** The state of playback. A value that is not known is undefined or NaN. */
export interface PlaybackSample {
  bufferSeconds: number | undefined
  /** Bitrate of the rendition that is shown, bits/s. */
  bitrate: number | undefined
  /** Measured bandwidth, bits/s. */
  throughput: number | undefined
  latencySeconds: number | undefined
}

/** Minimum time between two reports of the experience, ms. The viewer id is in every request. */
const reportEveryMs = 1000

/**
 * Adds CMCD 2 to the query of playlist requests (CTA-5004-B), so that the edge knows the viewer and their
 * experience. Media requests carry none, because their URLs must stay the same for all caches on the way.
 */
export function createCmcd(
  experience: ExperienceMonitor,
  samplePlayback: () => PlaybackSample,
  now = () => performance.now(),
) {
  let reportedAt = Number.NEGATIVE_INFINITY

  function experienceKeys(): string[] {
    if (now() - reportedAt < reportEveryMs) return []
    const delta = experience.takeDelta()
    if (delta === undefined) return []
    reportedAt = now()
    const { bufferSeconds, bitrate, throughput, latencySeconds } = samplePlayback()
    return [
      ...list('bl', bufferSeconds, 1000, 100),
      ...(delta.stallsMs.length > 0 ? ['bs', `bsd=(${delta.stallsMs.map(Math.round).join(' ')})`] : []),
      ...item('ltc', latencySeconds, 1000),
      ...item('msd', delta.joinMs, 1),
      ...list('mtp', throughput, 0.001, 100),
      ...item('nowcast-played', delta.playedMs, 1),
      ...list('pb', bitrate, 0.001, 1),
    ]
  }

  return {
    /**
     * Adds the keys to the URL of a media playlist. Only requests for video playlists report the experience,
     * all others carry the viewer id alone.
     */
    addTo(url: string, isVideo: boolean): string {
      const keys = [...(isVideo ? experienceKeys() : []), `sid="${experience.viewerId}"`, 'v=2']
      return `${url}${url.includes('?') ? '&' : '?'}CMCD=${encodeURIComponent(keys.join(','))}`
    },
  }
}

const isKnown = (value: number | undefined): value is number => value !== undefined && value >= 0

/** A key with an integer in the unit of the key. */
const item = (key: string, value: number | undefined, unit: number) =>
  isKnown(value) ? [`${key}=${Math.round(value * unit)}`] : []

/** A key with a list of one integer, rounded to `step`. */
const list = (key: string, value: number | undefined, unit: number, step: number) =>
  isKnown(value) ? [`${key}=(${Math.round((value * unit) / step) * step})`] : []
