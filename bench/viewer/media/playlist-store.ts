import { coversDelta, type MediaPlaylist, mergeDelta, pathOf, readMediaPlaylist } from './media-playlist.ts'
import type { createTimelines } from './timelines.ts'

/** A playlist that was read. `isConsistent`: whether each segment has the path that it had before. */
interface Known {
  bytes: Buffer
  playlist: MediaPlaylist
  isConsistent: boolean
  /** A delta update as a whole playlist, once it has been merged. */
  whole?: { playlist: MediaPlaylist; isConsistent: boolean }
}

/** Maximum number of playlists, and of paths of segments, that are kept for each rendition. */
const maxPlaylists = 24
const maxSegments = 1000

/**
 * Creates a store that parses each distinct playlist once for all viewers, and fills in delta updates from
 * the playlist that a viewer has.
 */
export function createPlaylistStore(timelines: ReturnType<typeof createTimelines>) {
  const renditions = new Map<string, { known: Known[]; paths: Map<number, string> }>()

  function createRendition(path: string) {
    const rendition = { known: [] as Known[], paths: new Map<number, string>() }
    renditions.set(path, rendition)
    return rendition
  }
  function parse(target: string, bytes: Buffer): Known | undefined {
    const path = pathOf(target)
    const rendition = renditions.get(path) ?? createRendition(path)
    for (let at = rendition.known.length - 1; at >= 0; at--) {
      const known = rendition.known[at]
      if (known?.bytes.length === bytes.length && known.bytes.equals(bytes)) return known
    }
    try {
      const playlist = readMediaPlaylist(bytes.toString(), target, timelines.of(path))
      const isConsistent = notePaths(playlist, rendition.paths)
      const read = { bytes: Buffer.from(bytes), playlist, isConsistent }
      rendition.known.push(read)
      if (rendition.known.length > maxPlaylists) rendition.known.shift()
      return read
    } catch {
      return undefined
    }
  }

  return {
    /**
     * Reads a media playlist. Returns undefined when it is not whole. Returns a delta update as it is when
     * `previous` lacks segments that it leaves out.
     */
    read(
      target: string,
      bytes: Buffer,
      previous: MediaPlaylist | undefined,
    ): Pick<Known, 'playlist' | 'isConsistent'> | undefined {
      const read = parse(target, bytes)
      if (read === undefined || read.playlist.skipped === 0) return read
      const { playlist, isConsistent } = read
      if (previous === undefined || !coversDelta(playlist, previous)) return read
      read.whole ??= { playlist: mergeDelta(playlist, previous), isConsistent }
      return read.whole
    },
  }
}

/** Records the paths of segments. Returns whether none has changed. */
function notePaths({ segments }: MediaPlaylist, paths: Map<number, string>): boolean {
  let isConsistent = true
  for (const { msn, target } of segments) {
    const path = pathOf(target)
    isConsistent &&= (paths.get(msn) ?? path) === path
    if (!paths.has(msn)) paths.set(msn, path)
  }
  for (const oldest of paths.keys()) {
    if (paths.size <= maxSegments) break
    paths.delete(oldest)
  }
  return isConsistent
}
