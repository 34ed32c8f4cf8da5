import type { ProbeAnswer } from './channel-probe.ts'
import type { PlaybackEvent } from './playback.ts'

/** Why the picture stands still. */
export type Trouble =
  /** The browser says that there is no network. */
  | 'offline'
  /** The server does not answer. */
  | 'unreachable'
  /** Media comes too slowly. */
  | 'stalled'
  /** Playback broke and is built anew. */
  | 'lost'

/** All that a viewer can be told. `session` is the one last played, null before the first. */
export type WatchState = { session: string | null } & (
  | { name: 'looking' | 'waiting' | 'joining' | 'playing' | 'behind' | 'refused' }
  /** `isGone`: the server has it no more. Until then an ended session stays fetchable for a while. */
  | { name: 'ended'; isGone: boolean }
  | { name: 'unknown' | 'unsupported' }
  | { name: 'recovering'; trouble: Trouble }
)

export type WatchEvent =
  | { type: 'probed'; answer: ProbeAnswer }
  | PlaybackEvent
  /** The browser lost or found its network. */
  | { type: 'offline' }
  | { type: 'online' }
  /** Start again from nothing: the page came back from the back/forward cache, or the viewer asked. */
  | { type: 'restart' }

/** What the page does in a state: ask whether the channel is live, play it, or nothing. */
export type Activity = 'probe' | 'play' | 'none'

export function activityOf(state: WatchState): Activity {
  switch (state.name) {
    case 'looking':
    case 'waiting':
    case 'refused':
    case 'ended':
      return 'probe'
    case 'joining':
    case 'playing':
    case 'behind':
      return 'play'
    case 'recovering':
      return state.trouble === 'stalled' ? 'play' : 'probe'
    case 'unknown':
    case 'unsupported':
      return 'none'
  }
}

/** The next state; the same object when an event means nothing in this state. */
export function nextWatchState(state: WatchState, event: WatchEvent): WatchState {
  const { session } = state
  const activity = activityOf(state)
  if (activity === 'none') return state
  switch (event.type) {
    case 'restart':
      return { name: 'looking', session }
    case 'offline':
      // What is buffered plays on; a stall or an error tells soon enough. Only a page that asks says it at once.
      return activity === 'probe' ? { name: 'recovering', trouble: 'offline', session } : state
    case 'online':
      return state.name === 'recovering' && activity === 'probe' ? { name: 'looking', session } : state
    case 'probed':
      return activity === 'probe' ? afterProbe(state, event.answer) : state
    default:
      return activity === 'play' ? afterPlayback(state, event) : state
  }
}

function afterProbe(state: WatchState, answer: ProbeAnswer): WatchState {
  const { session } = state
  switch (answer.kind) {
    case 'live':
      // One that was gone and is there again was between two servers.
      if (state.name === 'ended' && !state.isGone && answer.session === session) return state
      return { name: 'joining', session: answer.session }
    case 'not_live':
      if (session === null) return enter(state, 'waiting')
      return state.name === 'ended' && state.isGone ? state : { name: 'ended', isGone: true, session }
    case 'full':
      return enter(state, 'refused')
    case 'forbidden':
    case 'unreachable':
      if (state.name === 'recovering') return state
      return { name: 'recovering', trouble: 'unreachable', session }
  }
}

function afterPlayback(state: WatchState, event: PlaybackEvent): WatchState {
  const { session } = state
  switch (event.type) {
    case 'playing':
      return state.name === 'joining' || state.name === 'recovering' ? { name: 'playing', session } : state
    case 'behind':
      return state.name === 'playing' ? enter(state, 'behind') : state
    case 'at_live':
      return state.name === 'behind' ? enter(state, 'playing') : state
    case 'stalled':
      return state.name === 'joining' || state.name === 'recovering'
        ? state
        : { name: 'recovering', trouble: 'stalled', session }
    case 'not_ready':
      return { name: 'looking', session }
    case 'lost':
      return { name: 'recovering', trouble: 'lost', session }
    case 'ended':
      return { name: 'ended', isGone: false, session }
  }
}

function enter(state: WatchState, name: 'waiting' | 'refused' | 'playing' | 'behind'): WatchState {
  return state.name === name ? state : { name, session: state.session }
}
