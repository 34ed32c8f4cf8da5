import type { MediaPath } from '../../core/playback/media-paths.ts'
import type { PlaylistEnd } from '../../core/playback/reload-state.ts'

/** A complete or growing segment. `parts`: number of its parts; undefined if no playlist has listed any. */
interface OutlinedSegment {
  epoch: number
  parts: number | undefined
}

/** Place of a part: index `part` of the segment `msn`. */
export interface PartPlace {
  msn: number
  part: number
}

/**
 * What a media playlist says about which media exists. An edge keeps no more of it, and refuses requests for
 * other media without asking the origin.
 */
export interface Outline extends PlaylistEnd {
  firstMsn: number
  targetDuration: number
  /** Segments that can be requested, by MSN, including those that have just left the playlist. */
  segments: Map<number, OutlinedSegment>
  /** Epochs that have an init segment. */
  epochs: ReadonlySet<number>
  /** The part that players may request before it exists; undefined when none is hinted. */
  hint: (PartPlace & { epoch: number }) | undefined
  /** Names of the other renditions. */
  others: readonly string[]
}

/** Maximum number of segments that an outline remembers after they left the playlist. */
const maxRetired = 24

type MediaFile = Extract<MediaPath, { kind: 'init' | 'segment' | 'part' }>

const hintUri = /^#EXT-X-PRELOAD-HINT:TYPE=PART,URI="(\d{1,15})\/[^/"]+\/(\d{1,15})\.(\d{1,6})\.m4s"/m
const reportUri = /^#EXT-X-RENDITION-REPORT:URI="([^"/]+)\.m3u8"/

/**
 * Returns the epoch in the media URI that begins at `at`: the number before the first slash. The rest of the
 * URI is not parsed, because each version of a playlist has many, several times a second.
 */
const epochAt = (line: string, at: number) => Number(line.slice(at, line.indexOf('/', at)))

/** Returns the epoch in the attribute URI of a tag. */
const epochOfTag = (line: string) => epochAt(line, line.indexOf('URI="') + 'URI="'.length)

/** Returns the value of a numeric tag or attribute; undefined when the text does not have it. */
function numberOf(text: string, expression: RegExp): number | undefined {
  const value = expression.exec(text)?.[1]
  return value === undefined ? undefined : Number(value)
}

/**
 * Reads a complete media playlist (RFC 8216bis 4) in the form in which our packager writes it. Returns
 * undefined for any other text, such as a delta update. `before`: the previous outline of the rendition,
 * which knows parts and segments that are no longer listed.
 */
export function readOutline(text: string, before?: Outline): Outline | undefined {
  const firstMsn = numberOf(text, /^#EXT-X-MEDIA-SEQUENCE:(\d{1,15})$/m)
  const targetDuration = numberOf(text, /^#EXT-X-TARGETDURATION:(\d{1,5})$/m)
  if (firstMsn === undefined || targetDuration === undefined || text.includes('#EXT-X-SKIP:'))
    return undefined
  const partTarget = numberOf(text, /^#EXT-X-PART-INF:PART-TARGET=([\d.]{1,12})/m)
  const segments = retiredOf(before, firstMsn)
  const epochs = new Set<number>()
  const listed = readSegments(text, firstMsn, { segments, epochs, before })
  for (const { epoch } of segments.values()) epochs.add(epoch)
  const hint = readHint(listed.tail)
  if (hint !== undefined) epochs.add(hint.epoch)
  return {
    firstMsn,
    targetDuration,
    nextMsn: listed.nextMsn,
    openParts: listed.openParts,
    lastParts: segments.get(listed.nextMsn - 1)?.parts ?? Number.POSITIVE_INFINITY,
    partTargetMs: partTarget === undefined ? null : partTarget * 1000,
    isEnded: /^#EXT-X-ENDLIST/m.test(listed.tail),
    segments,
    epochs,
    hint,
    others: listed.tail.split('\n').flatMap((line) => reportUri.exec(line)?.[1] ?? []),
  }
}

function readHint(text: string): Outline['hint'] {
  const [, epoch, msn, part] = hintUri.exec(text) ?? []
  if (epoch === undefined) return undefined
  return { epoch: Number(epoch), msn: Number(msn), part: Number(part) }
}

/**
 * Returns the segments of the previous outline that are no longer listed, at most the `maxRetired` newest.
 */
function retiredOf(before: Outline | undefined, firstMsn: number): Map<number, OutlinedSegment> {
  const retired = new Map<number, OutlinedSegment>()
  for (const [msn, segment] of before?.segments ?? [])
    if (msn < firstMsn && msn >= firstMsn - maxRetired) retired.set(msn, segment)
  return retired
}

interface Listing {
  /** Receives the listed segments. Gaps have no media, so they are left out. */
  segments: Map<number, OutlinedSegment>
  epochs: Set<number>
  before: Outline | undefined
}

/** Reads the segments and their parts. `tail` is the text after the last segment that is complete. */
function readSegments(text: string, firstMsn: number, { segments, epochs, before }: Listing) {
  let nextMsn = firstMsn
  let parts = 0
  let isGap = false
  let tailAt = 0
  let at = 0
  for (const line of text.split('\n')) {
    at += line.length + 1
    if (line.startsWith('#EXT-X-PART:')) {
      parts += 1
      segments.set(nextMsn, { epoch: epochOfTag(line), parts })
    } else if (line.startsWith('#EXT-X-GAP')) isGap = true
    else if (line.startsWith('#EXT-X-MAP')) epochs.add(epochOfTag(line))
    else if (line !== '' && !line.startsWith('#')) {
      if (!isGap) {
        const epoch = epochAt(line, 0)
        const known = before?.segments.get(nextMsn)
        const former = known?.epoch === epoch ? known.parts : undefined
        segments.set(nextMsn, { epoch, parts: parts > 0 ? parts : former })
      }
      nextMsn += 1
      parts = 0
      isGap = false
      tailAt = at
    }
  }
  return { nextMsn, openParts: parts, tail: text.slice(tailAt) }
}

/** Whether an outline lists a file, or the file is the hinted part. */
export function lists(outline: Outline, path: MediaFile): boolean {
  if (path.kind === 'init') return outline.epochs.has(path.epoch)
  const segment = outline.segments.get(path.msn)
  if (path.kind === 'segment') return segment?.epoch === path.epoch && path.msn < outline.nextMsn
  const { hint } = outline
  if (hint?.msn === path.msn && hint.part === path.part) return hint.epoch === path.epoch
  return segment?.epoch === path.epoch && path.part < (segment.parts ?? 0)
}

/** Maximum number of parts after the next one that may exist although the outline does not list them yet. */
const maxEarlyParts = 3

/**
 * Whether a file that an outline does not list may exist by now. Only the next few parts may. A player knows
 * of them when another edge sent it a newer playlist.
 */
export function mayBeNew(outline: Outline, path: MediaFile): boolean {
  if (outline.isEnded || outline.partTargetMs === null || path.kind !== 'part') return false
  if (path.msn === outline.nextMsn)
    return path.part >= outline.openParts && path.part <= outline.openParts + maxEarlyParts
  return path.msn === outline.nextMsn + 1 && path.part < maxEarlyParts
}

/** Whether a playlist ends before a part, so it does not list the part. */
export const endsBefore = ({ nextMsn, openParts }: Outline, { msn, part }: PartPlace): boolean =>
  nextMsn < msn || (nextMsn === msn && openParts <= part)
