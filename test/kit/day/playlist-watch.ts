import type { Presentation } from '../../../transcoder/packager/packager.ts'
import { mediaPlaylist } from '../../../transcoder/packager/playlist/media-playlist.ts'
import type { RenditionStream } from '../../../transcoder/packager/window/rendition-stream.ts'
import { type ReadSegment, readPlaylist } from '../playlist.ts'
import { captureMark } from './day-source.ts'

/** What was found in the playlists of a rendition. */
export interface PlaylistFindings {
  segments: number
  discontinuities: number
  /** Discontinuities within an epoch. */
  discontinuitiesInside: number
  gaps: number
  /** Number of media sequence numbers that were skipped. */
  missing: number
  /**
   * Largest difference between the date of a segment and the end of the one before, ms. Segments after a
   * discontinuity do not count.
   */
  dateStepMs: number
  /** Largest difference between the date of a segment and the capture of its first frame, ms. */
  dateErrorMs: number
  /** Longest part, in part targets. Longest segment, rounded to whole seconds, in target durations. */
  longestPart: number
  longestSegment: number
}

/** Checks all segments of a rendition as its playlists list them. `startAt`: wall clock at the start, ms. */
export function watchPlaylist(rendition: string, startAt: number) {
  const findings: PlaylistFindings = {
    segments: 0,
    discontinuities: 0,
    discontinuitiesInside: 0,
    gaps: 0,
    missing: 0,
    dateStepMs: 0,
    dateErrorMs: 0,
    longestPart: 0,
    longestSegment: 0,
  }
  let last: (ReadSegment & { epoch: number | undefined }) | undefined

  function checkNext(segment: ReadSegment, stream: RenditionStream) {
    const held = stream.window.find(segment.msn)
    const epoch = held?.epoch
    findings.segments += 1
    if (segment.gap) findings.gaps += 1
    if (segment.discontinuity) findings.discontinuities += 1
    if (last) {
      findings.missing += segment.msn - last.msn - 1
      if (segment.discontinuity && epoch === last.epoch) findings.discontinuitiesInside += 1
      const step = (segment.programDateTime ?? 0) - (last.programDateTime ?? 0) - last.duration * 1000
      if (!segment.discontinuity) findings.dateStepMs = Math.max(findings.dateStepMs, Math.abs(step))
    }
    const capturedMs = captureOf(held?.parts[0]?.data)
    if (capturedMs !== undefined) {
      const error = (segment.programDateTime ?? 0) - startAt - capturedMs
      findings.dateErrorMs = Math.max(findings.dateErrorMs, Math.abs(error))
    }
    last = { ...segment, epoch }
  }

  return {
    findings,
    /** Reads the playlist as it is now. */
    check(presentation: Presentation): void {
      const stream = presentation.streams.get(rendition)
      if (stream === undefined) return
      const playlist = readPlaylist(mediaPlaylist(presentation, stream, false))
      for (const segment of playlist.segments) {
        const longest = Math.max(0, ...segment.parts.map(({ duration }) => duration))
        findings.longestPart = Math.max(findings.longestPart, longest / (playlist.partTarget ?? 1))
        if (segment.uri === undefined || segment.msn <= (last?.msn ?? -1)) continue
        const rounded = Math.round(segment.duration) / playlist.targetDuration
        findings.longestSegment = Math.max(findings.longestSegment, rounded)
        checkNext(segment, stream)
      }
    },
  }
}

/** Returns the time of capture of the first frame with a mark in a chunk, ms; undefined when none has one. */
function captureOf(chunk: Buffer | undefined): number | undefined {
  if (chunk === undefined) return undefined
  const at = chunk.indexOf(captureMark, chunk.indexOf('mdat'))
  return at < 0 ? undefined : chunk.readDoubleBE(at + captureMark.length)
}
