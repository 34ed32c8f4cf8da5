import {
  type AdoptedMedia,
  newSegment,
  type Segment,
  type StoredMedia,
  type StoredPart,
} from '../packager/packager.ts'
import { maxObjectBytes } from './segment-store.ts'

/**
 * Version of the index that this code writes, and the only one that it reads. An index of another version is
 * ignored: the session then continues without earlier segments.
 */
const version = 1
/** Maximum size of an index, of an init segment in it, and number of renditions and of segments of one. */
const [maxIndexBytes, maxInitLength, maxRenditions, maxSegments] = [4 * 1024 * 1024, 200_000, 64, 500]
/** Maximum number of parts of a segment. */
const maxParts = 1000

/** A segment of a playlist. Times are ms. */
export interface IndexedSegment {
  msn: number
  epoch: number
  startMs: number
  date: number
  durationMs: number
  hasDiscontinuity: boolean
  /** Size of the stored object; undefined when the segment is a gap, or is not stored. */
  bytes: number | undefined
  /** Parts of the stored object in order: length, ms; frames; 1 if it is independent, otherwise 0; bytes. */
  parts?: (readonly [durationMs: number, frames: number, isIndependent: number, bytes: number])[]
}

/** The playlist of a rendition, as far as a successor needs it. */
export interface IndexedRendition {
  /** EXT-X-DISCONTINUITY-SEQUENCE. */
  discontinuitySequence: number
  /** Init segments in base64, by epoch. They are here because they are small, and needed in any case. */
  inits: Record<string, string>
  segments: IndexedSegment[]
}

export type IndexedRenditions = Record<string, IndexedRendition>

const renditionName = /^[a-z0-9][a-z0-9-]{0,31}$/

export const writeIndex = (renditions: IndexedRenditions): Buffer =>
  Buffer.from(JSON.stringify({ version, renditions }))

/**
 * Reads an index.
 * @throws Error that says what is wrong with it
 */
export function readIndex(data: Buffer): IndexedRenditions {
  if (data.length > maxIndexBytes) throw new Error('it is too large')
  const index = JSON.parse(data.toString()) as unknown
  if (!isRecord(index)) throw new Error('it is no object')
  if (index.version !== version) throw new Error(`its version is not ${version}`)
  const { renditions } = index
  if (!isRecord(renditions) || Object.keys(renditions).length > maxRenditions)
    throw new Error('it has no renditions')
  for (const [name, rendition] of Object.entries(renditions))
    if (!renditionName.test(name) || !isRendition(rendition))
      throw new Error(`its rendition ${name.slice(0, 32)} is malformed`)
  return renditions as IndexedRenditions
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 1e15

function isRendition(value: unknown): value is IndexedRendition {
  if (!isRecord(value) || !isCount(value.discontinuitySequence)) return false
  const { inits, segments } = value
  if (!isRecord(inits) || !Array.isArray(segments)) return false
  if (segments.length === 0 || segments.length > maxSegments) return false
  const areInits = Object.entries(inits).every(
    ([epoch, init]) => isCount(Number(epoch)) && typeof init === 'string' && init.length <= maxInitLength,
  )
  return (
    areInits &&
    segments.every(isSegment) &&
    segments.every(({ msn, epoch, bytes }, index) => {
      const before: unknown = segments[index - 1]
      const follows = index === 0 || (isRecord(before) && before.msn === msn - 1)
      return follows && (bytes === undefined || Object.hasOwn(inits, String(epoch)))
    })
  )
}

function isSegment(value: unknown): value is IndexedSegment {
  if (!isRecord(value)) return false
  const { msn, epoch, startMs, date, durationMs, hasDiscontinuity, bytes } = value
  const isTime = (time: unknown) => typeof time === 'number' && Number.isFinite(time)
  return (
    [msn, epoch].every(isCount) &&
    [startMs, date, durationMs].every(isTime) &&
    (durationMs as number) >= 0 &&
    Math.abs(date as number) < 8e15 &&
    typeof hasDiscontinuity === 'boolean' &&
    (bytes === undefined || (isCount(bytes) && bytes > 0 && bytes <= maxObjectBytes)) &&
    (value.parts === undefined || areParts(value.parts, bytes))
  )
}

function areParts(value: unknown, bytes: unknown): boolean {
  if (!Array.isArray(value) || value.length > maxParts) return false
  const isPart = (part: unknown) =>
    Array.isArray(part) &&
    part.length === 4 &&
    part.every((each) => Number.isFinite(each) && each >= 0) &&
    isCount(part[3])
  return value.every(isPart) && value.reduce((sum, [, , , size]) => sum + size, 0) === bytes
}

/** Returns what an index says about a rendition, with the media that `mediaOf` returns for a segment. */
export function adoptedFrom(
  { discontinuitySequence, inits, segments }: IndexedRendition,
  mediaOf: (segment: IndexedSegment, bytes: number, parts: StoredPart[]) => StoredMedia,
): AdoptedMedia {
  const adopt = (indexed: IndexedSegment): Segment => {
    const { bytes, durationMs } = indexed
    const segment = { ...newSegment(indexed), durationMs }
    if (bytes === undefined) return { ...segment, isGap: true }
    return { ...segment, stored: mediaOf(indexed, bytes, partsOf(indexed)) }
  }
  return {
    discontinuitySequence,
    inits: new Map(
      Object.entries(inits).map(([epoch, init]) => [Number(epoch), Buffer.from(init, 'base64')]),
    ),
    // The newest are read first: they are in the playlist for the longest time.
    segments: segments.toReversed().map(adopt).toReversed(),
  }
}

const partsOf = ({ parts = [] }: IndexedSegment): StoredPart[] =>
  parts.map(([durationMs, frames, isIndependent, bytes]) => ({
    ...{ durationMs, frames, bytes },
    isIndependent: isIndependent === 1,
  }))

/** Returns the parts of a segment that is in memory, for the index. */
export const indexedParts = ({ parts }: Segment): NonNullable<IndexedSegment['parts']> =>
  parts.map(({ durationMs, frames, isIndependent, data }) => [
    durationMs,
    frames,
    isIndependent ? 1 : 0,
    data.length,
  ])
