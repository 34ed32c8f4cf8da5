import type { PlaybackAddress } from '../edges/playback-address.ts'
import type { HeadStart } from '../head-start/head-start.ts'
import type { Playback, PlaybackSource, StartPlayback, VideoRendition } from '../playback/playback.ts'
import { type Probe, probeChannel } from './channel-probe.ts'
import { startProbeLoop } from './probe-loop.ts'
import { createProbePace } from './probe-pace.ts'
import { activityOf, nextWatchState, type WatchEvent, type WatchState } from './watch-state.ts'

export interface ShowOptions {
  video: HTMLVideoElement
  /** Source of the URL to play, which changes with the token and with the edge. */
  address: Pick<PlaybackAddress, 'url' | 'useNextEdge' | 'isSigned' | 'currentUrl'>
  latency: PlaybackSource['latency']
  /**
   * What was requested before the scripts of the page were loaded, for the first probe and the first
   * playback.
   */
  headStart?: HeadStart | undefined
  initial: WatchState
  /** Called before each playback. Rejects when the code that plays could not be loaded. */
  loadPlayback: () => Promise<StartPlayback>
  onState: (state: WatchState) => void
  onRenditions: (renditions: VideoRendition[]) => void
  probe?: Probe
}

/** What the page does in its current state. */
interface Activity {
  /** Undefined while the page probes, and until the code that plays is loaded. */
  readonly playback?: Playback | undefined
  close(): void
}

const idle: Activity = { close() {} }

/** Time of playback without trouble after which the backoff of probes is reset, ms. */
const calmAfterMs = 15_000

/** Follows the state of the page and runs its activity: probing the channel, or one playback at a time. */
export function createShow(options: ShowOptions) {
  const { address, headStart, onState, probe = probeChannel } = options
  const pace = createProbePace()
  const unused = { response: headStart?.multivariant, headStart }
  let state = options.initial
  let activity = idle
  let calmTimer: ReturnType<typeof setTimeout> | undefined

  function dispatch(event: WatchEvent) {
    if (event.type === 'lost') console.warn(`playback lost: ${event.reason}`)
    const previous = state
    state = nextWatchState(previous, event)
    if (state === previous) return
    onState(state)
    clearTimeout(calmTimer)
    if (state.name === 'playing') calmTimer = setTimeout(() => pace.calm(), calmAfterMs)
    if (startsOver(event) || activityOf(state) !== activityOf(previous)) enter(event)
  }

  /** Ends the current activity before the next one starts, so that at most one runs. */
  function enter(event: WatchEvent) {
    activity.close()
    activity = idle
    if (event.type === 'probed' && event.result.kind === 'live') activity = play(event.result.playlist)
    else if (activityOf(state) === 'probe') activity = probeFrom(event)
  }

  function probeFrom(event: WatchEvent): Activity {
    const { response: early } = unused
    unused.response = undefined
    const close = startProbeLoop({
      address,
      probe,
      early,
      isImmediate: startsOver(event),
      delayMs: (result) => pace.next(state, result),
      onResult: (result) => dispatch({ type: 'probed', result }),
    })
    return { close }
  }

  function play(playlist: string): Activity {
    const takeHeadStart = () => {
      const taken = unused.headStart
      unused.headStart = undefined
      return taken
    }
    return startPlaying(options, playlist, takeHeadStart, dispatch)
  }

  return {
    start() {
      onState(state)
      enter({ type: 'restart' })
    },
    dispatch,
    goLive: () => activity.playback?.goLive(),
    latency: () => activity.playback?.latency(),
    stats: () => activity.playback?.stats?.(),
    choose: (id: string | undefined) => activity.playback?.choose(id),
  }
}

/** Whether the page probes at once after this event, even if it probed before. */
const startsOver = ({ type }: WatchEvent) => type === 'restart' || type === 'online'

/** Starts one playback as soon as the code that plays is loaded. Events of a closed playback are dropped. */
function startPlaying(
  { video, address, latency, loadPlayback, onRenditions }: ShowOptions,
  playlist: string,
  takeHeadStart: () => HeadStart | undefined,
  dispatch: (event: WatchEvent) => void,
): Activity {
  let playback: Playback | undefined
  let isClosed = false

  async function load() {
    const startPlayback = await loadPlayback().catch((error) => {
      console.warn(error)
    })
    if (isClosed) return
    if (startPlayback === undefined)
      return dispatch({ type: 'lost', reason: 'the player could not be loaded' })
    const headStart = takeHeadStart()
    const early = await headStart?.takeMedia()
    if (isClosed) return headStart?.close()
    const currentUrl = address.isSigned ? address.currentUrl : undefined
    playback = startPlayback(
      video,
      { url: address.url, playlist, latency, currentUrl, headStart, early },
      {
        onEvent: (event) => {
          if (!isClosed) dispatch(event)
        },
        onRenditions,
      },
    )
    // The playback may have failed while it started: `onEvent` then led to `close`.
    if (isClosed) playback.close()
  }

  void load()
  return {
    get playback() {
      return playback
    },
    close() {
      isClosed = true
      playback?.close()
      playback = undefined
    },
  }
}
