import type { Trouble, WatchState } from './watch-state.ts'

/** What the page says about a state: a heading, a line below it, and whether the picture stays visible behind. */
export interface Notice {
  heading: string
  line: string
  /** `page` fills the stage, `chip` floats over the picture. */
  form: 'page' | 'chip'
}

const troubles: Record<Trouble, Pick<Notice, 'heading' | 'line'>> = {
  offline: { heading: 'You are offline', line: 'The show comes back when your connection does.' },
  unreachable: { heading: 'No answer from the server', line: 'Trying again by itself.' },
  stalled: { heading: 'Waiting for the stream', line: 'The picture goes on as soon as it arrives.' },
  lost: { heading: 'Connection lost', line: 'Trying again.' },
}

/** The words of a state; undefined when the picture speaks for itself. */
export function noticeOf(state: WatchState): Notice | undefined {
  switch (state.name) {
    case 'looking':
    case 'joining':
      return { heading: 'Joining', line: '', form: 'chip' }
    case 'waiting':
      return {
        heading: 'Starting soon',
        line: 'Stay on this page: the show starts here by itself.',
        form: 'page',
      }
    case 'recovering':
      return { ...troubles[state.trouble], form: state.session === null ? 'page' : 'chip' }
    case 'refused':
      return {
        heading: 'The house is full',
        line: 'Stay on this page: you come in by yourself.',
        form: 'page',
      }
    case 'ended':
      return {
        heading: 'The show is over',
        line: 'Thank you for watching. If it starts again, so does this page.',
        form: 'page',
      }
    case 'unknown':
      return {
        heading: 'No such channel',
        line: 'Check the address, or ask who gave it to you.',
        form: 'page',
      }
    case 'unsupported':
      return {
        heading: 'This browser cannot play the show',
        line: 'Any current Chrome, Edge, Firefox or Safari can.',
        form: 'page',
      }
    case 'playing':
    case 'behind':
      return undefined
  }
}

/** The same for screen readers, who need to hear of playing too. */
export function spokenOf(state: WatchState): string {
  if (state.name === 'playing') return 'Playing live'
  if (state.name === 'behind') return 'Behind live'
  const notice = noticeOf(state)
  return notice === undefined ? '' : `${notice.heading}. ${notice.line}`.trim()
}
