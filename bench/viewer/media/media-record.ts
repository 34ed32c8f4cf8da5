import { createHash } from 'node:crypto'
import { readFragments } from '../../stand/track-fragments.ts'
import { type MediaPlaylist, mergeDelta, readMediaPlaylist } from './media-playlist.ts'
import { createTimelines } from './timelines.ts'

/**
 * What is wrong with a response 200. `torn`: not whole. `stale`: older than what was asked for. `repeated`:
 * the same media as under another URL. `wrong`: neither its place in time nor its bytes are those of its URL.
 */
export type MediaFault = 'torn' | 'stale' | 'repeated' | 'wrong'

/** Media that arrived. Times are in ticks of its track. */
export interface ReadMedia {
  fault: MediaFault | undefined
  decodeTime: number
  end: number
}

export interface MediaRecordOptions {
  /** Returns the SHA-1 of the right body for a path as hexadecimal digits; undefined when it is not known. */
  truth?: (target: string) => string | undefined
  /** Maximum number of bodies that are kept for comparison (512). */
  maxBodies?: number
}

interface Known {
  bytes: Buffer
  media: ReadMedia
  sha1: string
}

/** Number of playlists that are kept for each rendition. */
const maxPlaylists = 24
/** Bodies up to this length are compared as a whole, others by samples, bytes. */
const maxComparedBytes = 16_384
const sampleBytes = 1024

export type MediaRecord = ReturnType<typeof createMediaRecord>

/**
 * Reads what viewers of one channel receive. All viewers of a process share it, so each body is parsed once,
 * and viewers notice when one of them receives another body than the others.
 */
export function createMediaRecord({ truth, maxBodies = 512 }: MediaRecordOptions = {}) {
  const timelines = createTimelines()
  const playlists = new Map<string, { bytes: Buffer; playlist: MediaPlaylist }[]>()
  const bodies = new Map<string, Known>()
  const targets = new Map<string, string>()

  function parse(target: string, bytes: Buffer): MediaPlaylist | undefined {
    const known = playlists.get(target) ?? []
    playlists.set(target, known)
    const same = known.findLast((each) => each.bytes.equals(bytes))
    if (same !== undefined) return same.playlist
    try {
      const playlist = readMediaPlaylist(bytes.toString(), target, timelines.of(target))
      known.push({ bytes: Buffer.from(bytes), playlist })
      if (known.length > maxPlaylists) known.shift()
      return playlist
    } catch {
      return undefined
    }
  }

  function judge(target: string, bytes: Buffer): Known {
    const sha1 = createHash('sha1').update(bytes).digest('hex')
    const media = readTimes(bytes)
    const right = truth?.(target)
    const other = targets.get(sha1)
    if (media.fault === undefined && other !== undefined && other !== target) media.fault = 'repeated'
    else if (media.fault === undefined && right !== undefined && right !== sha1) media.fault = 'wrong'
    return { bytes: Buffer.from(bytes), media, sha1 }
  }

  return {
    /**
     * Reads a media playlist. `previous`: what the viewer has, into which delta updates are merged. Returns
     * `torn` when it is not whole, and `unmerged` when a delta update leaves out what the viewer has not.
     */
    readPlaylist(target: string, bytes: Buffer, previous: MediaPlaylist | undefined) {
      const playlist = parse(target, bytes)
      if (playlist === undefined) return 'torn'
      if (playlist.skipped === 0) return playlist
      return (previous && mergeDelta(playlist, previous)) ?? 'unmerged'
    },

    /**
     * Reads a part or segment. Bodies that other viewers received from the same path are compared with it.
     */
    readMedia(target: string, bytes: Buffer): ReadMedia {
      const known = bodies.get(target)
      if (known !== undefined && isSame(known.bytes, bytes)) return known.media
      const judged = judge(target, bytes)
      if (known !== undefined) {
        // Two bodies for one URL: at least one is wrong. A body that is wrong on its own is named so.
        judged.media.fault ??= known.media.fault === undefined ? 'wrong' : undefined
        if (judged.media.fault !== undefined) return judged.media
      }
      if (judged.media.fault !== undefined) return judged.media
      bodies.set(target, judged)
      targets.set(judged.sha1, target)
      if (bodies.size > maxBodies) dropOldest(bodies, targets)
      return judged.media
    },

    /**
     * Returns what is wrong with the time of media that should begin where other media of its track ended, at
     * `end`, ticks. Gaps are allowed: the source may have them.
     */
    judgeTime({ decodeTime, end: ownEnd }: ReadMedia, end: number): MediaFault | undefined {
      const tolerance = Math.max(1, (ownEnd - decodeTime) / 10)
      if (Math.abs(decodeTime - end) <= tolerance) return undefined
      return decodeTime < end ? 'stale' : 'wrong'
    },
  }
}

function dropOldest(bodies: Map<string, Known>, targets: Map<string, string>): void {
  for (const [target, { sha1 }] of bodies) {
    bodies.delete(target)
    targets.delete(sha1)
    return
  }
}

/** Returns decode time and end of the first track of a part or segment. */
function readTimes(bytes: Buffer): ReadMedia {
  try {
    const fragments = readFragments(bytes)
    const [first, last] = [fragments[0], fragments.at(-1)]
    const lastSample = last?.samples.at(-1)
    if (first === undefined || lastSample === undefined) return { fault: 'torn', decodeTime: 0, end: 0 }
    return { fault: undefined, decodeTime: first.decodeTime, end: lastSample.dts + lastSample.duration }
  } catch {
    return { fault: 'torn', decodeTime: 0, end: 0 }
  }
}

/** Whether two bodies are equal. Of long ones the ends and a part between them are compared. */
function isSame(one: Buffer, other: Buffer): boolean {
  if (one.length !== other.length) return false
  if (one.length <= maxComparedBytes) return one.equals(other)
  const between = Math.floor(Math.random() * (one.length - sampleBytes))
  return [0, between, one.length - sampleBytes].every(
    (from) => one.compare(other, from, from + sampleBytes, from, from + sampleBytes) === 0,
  )
}
