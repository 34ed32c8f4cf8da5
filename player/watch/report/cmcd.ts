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

/** Minimum time between two reports of the experience, ms. Every playlist request has the viewer ID. */
const reportEveryMs = 1000

export type Cmcd = ReturnType<typeof createCmcd>

/**
 * Adds CMCD 2 (CTA-5004-B) to the query of playlist requests. Edges use it to recognize the viewer and to
 * learn how playback goes. Media requests carry none, because a media URL must be the same for all viewers so
 * that caches can share the response.
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
     * Adds CMCD to the URL of a media playlist. Only requests for video playlists report the experience; all
     * others carry the viewer ID alone.
     */
    addTo(url: string, isVideo: boolean): string {
      const keys = [...(isVideo ? experienceKeys() : []), `sid="${experience.viewerId}"`, 'v=2']
      return `${url}${url.includes('?') ? '&' : '?'}CMCD=${encodeURIComponent(keys.join(','))}`
    },
  }
}

const isKnown = (value: number | undefined): value is number => value !== undefined && value >= 0

/**
 * Returns a key with an integer; nothing when the value is not known. `unit` is the factor from the unit of
 * the value to that of the key.
 */
const item = (key: string, value: number | undefined, unit: number) =>
  isKnown(value) ? [`${key}=${Math.round(value * unit)}`] : []

/** Returns a key whose value CMCD 2 defines as a list, here with one integer that is rounded to `step`. */
const list = (key: string, value: number | undefined, unit: number, step: number) =>
  isKnown(value) ? [`${key}=(${Math.round((value * unit) / step) * step})`] : []
