import type { ViewerFigures } from './figures.ts'
import type { TrackKind } from './playhead.ts'

/** Minimum time between two reports of the experience, ms, as in the watch page. */
const reportEveryMs = 1000

/** State of playback that is reported. */
export interface ReportSample {
  bufferSeconds: number | undefined
  /** BANDWIDTH of the present variant, bits/s. */
  bitrate: number | undefined
  latencyMs: number | undefined
}

export type Reports = ReturnType<typeof createReports>

/**
 * Writes CMCD 2 (CTA-5004-B) as the watch page does: the viewer id in each playlist request, and the
 * experience in one video playlist request a second.
 */
export function createReports(viewerId: string, figures: ViewerFigures, sample: () => ReportSample) {
  const idOnly = `CMCD=${encodeURIComponent(`sid="${viewerId}",v=2`)}`
  let reportedAt = Number.NEGATIVE_INFINITY
  let reported = { stalledMs: 0, playedMs: 0, hasJoined: false }

  function experience(): string[] {
    const { bufferSeconds, bitrate, latencyMs } = sample()
    const { stalledMs, playedMs, joinMs } = figures
    const stallMs = stalledMs - reported.stalledMs
    const keys = [
      ...(bufferSeconds === undefined ? [] : [`bl=(${Math.round(bufferSeconds * 10) * 100})`]),
      ...(stallMs > 0 ? ['bs', `bsd=(${Math.round(stallMs)})`] : []),
      ...(latencyMs === undefined ? [] : [`ltc=${Math.round(latencyMs)}`]),
      ...(reported.hasJoined || joinMs === undefined ? [] : [`msd=${Math.round(joinMs)}`]),
      `nowcast-played=${Math.round(playedMs - reported.playedMs)}`,
      ...(bitrate === undefined ? [] : [`pb=(${Math.round(bitrate / 1000)})`]),
    ]
    reported = { stalledMs, playedMs, hasJoined: joinMs !== undefined }
    return keys
  }

  return {
    /** Returns the CMCD parameter of a playlist request. */
    parameter(kind: TrackKind): string {
      const now = performance.now()
      if (kind !== 'main' || figures.joinMs === undefined || now - reportedAt < reportEveryMs) return idOnly
      reportedAt = now
      return `CMCD=${encodeURIComponent([...experience(), `sid="${viewerId}"`, 'v=2'].join(','))}`
    },
  }
}
