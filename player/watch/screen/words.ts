import type { Trouble, WatchState } from '../show/watch-state.ts'

/** Text over the picture, or instead of it. */
export interface Notice {
  heading: string
  line: string
  /** `page` fills the stage, `chip` floats over the picture. */
  layout: 'page' | 'chip'
}

const troubles: Record<Trouble, Pick<Notice, 'heading' | 'line'>> = {
  offline: { heading: 'You are offline', line: 'Playback resumes when your connection is back.' },
  unreachable: { heading: 'The server is not responding', line: 'Trying again automatically.' },
  stalled: { heading: 'Waiting for data', line: 'Playback resumes when data arrives.' },
  away: {
    heading: 'The broadcaster is away',
    line: 'Stay on this page. The show will continue automatically.',
  },
  lost: { heading: 'Connection lost', line: 'Trying again.' },
}

/** Returns the notice for a state; undefined when the picture is shown without one. */
export function noticeOf(state: WatchState): Notice | undefined {
  switch (state.name) {
    case 'checking':
    case 'joining':
      return { heading: 'Joining', line: '', layout: 'chip' }
    case 'waiting':
      return {
        heading: 'Starting soon',
        line: 'Stay on this page. The show will start automatically.',
        layout: 'page',
      }
    case 'recovering':
      return { ...troubles[state.trouble], layout: state.session === null ? 'page' : 'chip' }
    case 'refused':
      return {
        heading: 'This show is full',
        line: 'Stay on this page. You will be let in automatically.',
        layout: 'page',
      }
    case 'ended':
      return {
        heading: 'The show has ended',
        line: 'Thank you for watching. If it starts again, it will play here automatically.',
        layout: 'page',
      }
    case 'unknown':
      return {
        heading: 'Channel not found',
        line: 'Check the address or ask the sender.',
        layout: 'page',
      }
    case 'unsupported':
      return {
        heading: 'This browser cannot play the show',
        line: 'Use a current version of Chrome, Edge, Firefox or Safari.',
        layout: 'page',
      }
    case 'playing':
    case 'behind':
      return undefined
  }
}

/**
 * Returns the text for screen readers. While the show plays, the page has no notice, but screen readers get a
 * text.
 */
export function spokenOf(state: WatchState): string {
  if (state.name === 'playing') return 'Playing live'
  if (state.name === 'behind') return 'Behind live'
  const notice = noticeOf(state)
  return notice === undefined ? '' : `${notice.heading}. ${notice.line}`.trim()
}

/** Formats a latency: `1.4 s`, `12 s`, `1 min 5 s`. */
export function formatLatency(seconds: number): string {
  const shown = Math.max(0, seconds)
  if (shown < 9.95) return `${shown.toFixed(1)} s`
  if (shown < 59.5) return `${Math.round(shown)} s`
  const whole = Math.round(shown)
  return `${Math.floor(whole / 60)} min ${whole % 60} s`
}
