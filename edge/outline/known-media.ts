import { TokenBucket } from '../../core/mechanisms/token-bucket.ts'
import { KnownRendition } from './known-rendition.ts'

/**
 * Number of guesses, which are requests to the origin for something that may not exist: at once, and per
 * second. Players request only what playlists list, so they need guesses only while this edge has seen no
 * playlist of the session (`early`), or when they got newer playlists from another edge (`late`).
 */
const guesses = { early: { burst: 16, perSecond: 1 }, late: { burst: 4, perSecond: 0.5 } }

/** Number of start bundles of a session that may be requested from the origin: at once, and per second. */
const bundles = { burst: 18, perSecond: 8 }

/** Maximum number of renditions, and of names of renditions, that are remembered. */
const maxNames = 64

/** Matches the URIs of media playlists in a multivariant playlist: of variants, and of EXT-X-MEDIA. */
const playlistUris = /^(?!#)[^/\n]+\/([a-z0-9-]{1,32})\.m3u8$|URI="[^/"\n]+\/([a-z0-9-]{1,32})\.m3u8"/gm

export type KnownMedia = ReturnType<typeof createKnownMedia>

/** Keeps what an edge knows of the media of one session, from the playlists and parts that have arrived. */
export function createKnownMedia() {
  const renditions = new Map<string, KnownRendition>()
  const names = new Set<string>()
  const earlyGuesses = new TokenBucket(guesses.early.perSecond, guesses.early.burst)
  const lateGuesses = new TokenBucket(guesses.late.perSecond, guesses.late.burst)
  let isInformed = false
  const bundleBudget = new TokenBucket(bundles.perSecond, bundles.burst)

  function addNames(added: Iterable<string>) {
    for (const name of added) if (names.size < maxNames) names.add(name)
  }

  return {
    /** Returns what is known of a rendition; undefined when no playlist of it has arrived. */
    of: (rendition: string): KnownRendition | undefined => renditions.get(rendition),

    /**
     * Returns what is known of a rendition, and adds it if it is new. To be called when a playlist of the
     * rendition has arrived.
     */
    arrived(rendition: string): KnownRendition {
      const known = renditions.get(rendition) ?? new KnownRendition()
      if (renditions.size < maxNames) renditions.set(rendition, known)
      addNames([rendition])
      return known
    },

    /** Adds names of renditions that a media playlist has shown. */
    inform(added: readonly string[]): void {
      isInformed = true
      addNames(added)
    },

    /** Adds the names of the renditions in a multivariant playlist. */
    readNames(multivariant: string): void {
      const found = [...multivariant.matchAll(playlistUris)].map(
        ([, variant, media]) => variant ?? media ?? '',
      )
      if (found.length === 0) return
      isInformed = true
      addNames(found)
    },

    hasName: (rendition: string): boolean => names.has(rendition),

    /** Takes one guess from the budget. Returns false when none is left. */
    mayGuess: (time: number): boolean => (isInformed ? lateGuesses : earlyGuesses).take(time),

    /** Takes one start bundle from the budget. Returns false when none is left. */
    mayBundle: (time: number): boolean => bundleBudget.take(time),

    /** To be called when the session moves to another origin. */
    move(): void {
      for (const known of renditions.values()) known.move()
    },
  }
}
