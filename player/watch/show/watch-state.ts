import type { PlaybackEvent } from '../playback/playback.ts'
import type { ProbeResult } from './channel-probe.ts'

/** Why there is no moving picture. */
export type Trouble =
  /** The browser has no network. */
  | 'offline'
  /** No usable response comes from the server. */
  | 'unreachable'
  /** Media does not arrive in time. */
  | 'stalled'
  /** The publisher sends nothing, and may return. */
  | 'away'
  /** Playback broke and is being replaced. */
  | 'lost'

/** What the page shows. `session` is the session that was joined last; null before the first. */
export type WatchState = { session: string | null } & (
  | { name: 'checking' | 'waiting' | 'joining' | 'playing' | 'behind' | 'refused' }
  /** `isGone`: whether the server has removed the session. An ended session stays available for a while. */
  | { name: 'ended'; isGone: boolean }
  | { name: 'unknown' | 'unsupported' }
  | { name: 'recovering'; trouble: Trouble }
)

export type WatchEvent =
  | { type: 'probed'; result: ProbeResult }
  | PlaybackEvent
  /** `offline`: the browser has lost its network. `online`: the browser has found it again. */
  | { type: 'offline' }
  | { type: 'online' }
  /** The page came back from the back/forward cache and starts over. */
  | { type: 'restart' }

/** What the page does in a state: probe whether the channel is live, play it, or nothing. */
export type ActivityKind = 'probe' | 'play' | 'none'

export function activityOf(state: WatchState): ActivityKind {
  switch (state.name) {
    case 'checking':
    case 'waiting':
    case 'refused':
    case 'ended':
      return 'probe'
    case 'joining':
    case 'playing':
    case 'behind':
      return 'play'
    case 'recovering':
      return state.trouble === 'stalled' || state.trouble === 'away' ? 'play' : 'probe'
    case 'unknown':
    case 'unsupported':
      return 'none'
  }
}

/** Returns the next state; the same object when the event changes nothing. */
export function nextWatchState(state: WatchState, event: WatchEvent): WatchState {
  const { session } = state
  const activity = activityOf(state)
  if (activity === 'none') return state
  switch (event.type) {
    case 'restart':
      return { name: 'checking', session }
    case 'offline':
      // Playback continues from the buffer. Only a page that probes shows at once that the network is gone.
      return activity === 'probe' ? { name: 'recovering', trouble: 'offline', session } : state
    case 'online':
      return state.name === 'recovering' && activity === 'probe' ? { name: 'checking', session } : state
    case 'probed':
      return activity === 'probe' ? afterProbe(state, event.result) : state
    default:
      return activity === 'play' ? afterPlayback(state, event) : state
  }
}

function afterProbe(state: WatchState, result: ProbeResult): WatchState {
  const { session } = state
  switch (result.kind) {
    case 'live':
      // The ended session stays available for a while and is not joined again. A session that was gone and
      // is available again had not ended.
      if (state.name === 'ended' && !state.isGone && result.session === session) return state
      return { name: 'joining', session: result.session }
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
    case 'away':
      return state.name === 'joining' ? state : { name: 'recovering', trouble: 'away', session }
    case 'not_ready':
      return { name: 'checking', session }
    case 'lost':
      return { name: 'recovering', trouble: 'lost', session }
    case 'ended':
      return { name: 'ended', isGone: false, session }
  }
}

function enter(state: WatchState, name: 'waiting' | 'refused' | 'playing' | 'behind'): WatchState {
  return state.name === name ? state : { name, session: state.session }
}
