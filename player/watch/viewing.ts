/** A picture that stood still for longer, ms, counts as this: nobody watches that. */
const longestStallMs = 60_000

/** How watching went since the last time somebody asked. */
export interface ViewingNews {
  /** From opening the page to the first frame, ms; told once. */
  joinMs: number | undefined
  /** How long each stall took that is over, ms. */
  stallsMs: number[]
  /** How long the picture moved, ms. */
  playedMs: number
}

export type Viewing = ReturnType<typeof createViewing>

/** What the page's own element shows of how watching goes, over all playbacks of the page. */
export function createViewing(
  video: EventTarget & Pick<HTMLVideoElement, 'seeking'>,
  id: string,
  now = () => performance.now(),
) {
  let phase: 'before' | 'playing' | 'stalled' | 'resting' = 'before'
  let since = now()
  let news: ViewingNews = { joinMs: undefined, stallsMs: [], playedMs: 0 }

  function enter(next: typeof phase) {
    const at = now()
    const ms = at - since
    if (phase === 'playing') news.playedMs += ms
    // What a viewer paused or left in a stall is no longer waited for.
    else if (phase === 'stalled' && next === 'playing') news.stallsMs.push(Math.min(ms, longestStallMs))
    phase = next
    since = at
  }

  video.addEventListener('playing', () => enter('playing'))
  video.addEventListener('waiting', () => {
    // A seek waits by itself.
    if (phase === 'playing' && !video.seeking) enter('stalled')
  })
  video.addEventListener('pause', () => phase !== 'before' && enter('resting'))
  // A playback that broke is built anew while the viewer waits; after the end of a show nobody does.
  video.addEventListener('emptied', () => phase === 'playing' && enter('stalled'))
  video.addEventListener('ended', () => enter('resting'))

  return {
    /** Names this page to the edge while it is open: by chance, kept nowhere, told to nobody else. */
    id,
    joined(joinMs: number): void {
      news.joinMs = joinMs
    },
    /** What is new since the last call; undefined before the first frame. */
    take(): ViewingNews | undefined {
      if (phase === 'before') return undefined
      if (phase === 'playing') enter('playing')
      const taken = news
      news = { joinMs: undefined, stallsMs: [], playedMs: 0 }
      return taken
    },
  }
}
