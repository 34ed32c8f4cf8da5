/** Maximum length of a reported stall, ms. Longer ones are reported with this length. */
const maxStallMs = 60_000

/** The viewer's experience since the previous report. */
export interface ExperienceDelta {
  /** Time from opening the page to the first frame, ms. Only one report has it; undefined in all others. */
  joinMs: number | undefined
  /** Length of each stall that has ended, ms. */
  stallsMs: number[]
  /** Time for which the picture moved, ms. */
  playedMs: number
}

export type ExperienceMonitor = ReturnType<typeof createExperienceMonitor>

/**
 * Measures the viewer's experience at the video element, because one page may have several playbacks, one
 * after another.
 */
export function createExperienceMonitor(
  video: EventTarget & Pick<HTMLVideoElement, 'seeking'>,
  viewerId: string,
  now = () => performance.now(),
) {
  let phase: 'before' | 'playing' | 'stalled' | 'resting' = 'before'
  let since = now()
  let delta: ExperienceDelta = { joinMs: undefined, stallsMs: [], playedMs: 0 }

  function enter(next: typeof phase) {
    const at = now()
    const ms = at - since
    if (phase === 'playing') delta.playedMs += ms
    // A stall that ends with a pause or with the show does not count: the viewer stopped waiting.
    else if (phase === 'stalled' && next === 'playing') delta.stallsMs.push(Math.min(ms, maxStallMs))
    phase = next
    since = at
  }

  video.addEventListener('playing', () => enter('playing'))
  video.addEventListener('waiting', () => {
    // During a seek the element also waits for media, but that is not a stall.
    if (phase === 'playing' && !video.seeking) enter('stalled')
  })
  video.addEventListener('pause', () => phase !== 'before' && enter('resting'))
  // The element is emptied when a broken playback is replaced. The viewer waits meanwhile, so this counts as
  // a stall. After the end of a show the phase is `resting`, and nothing is counted.
  video.addEventListener('emptied', () => phase === 'playing' && enter('stalled'))
  video.addEventListener('ended', () => enter('resting'))

  return {
    /** ID by which edges recognize the requests of this page as one viewer's. */
    viewerId,
    joined(joinMs: number): void {
      delta.joinMs = joinMs
    },
    /** Returns what has happened since the previous call; undefined before the first frame. */
    takeDelta(): ExperienceDelta | undefined {
      if (phase === 'before') return undefined
      if (phase === 'playing') enter('playing')
      const taken = delta
      delta = { joinMs: undefined, stallsMs: [], playedMs: 0 }
      return taken
    },
  }
}
