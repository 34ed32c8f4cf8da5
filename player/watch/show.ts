import { type ProbeAnswer, probeChannel } from './channel-probe.ts'
import type { HeadStart } from './head-start/head-start.ts'
import { createPace } from './pace.ts'
import type { Playback, PlaybackSource, StartPlayback, VideoRendition } from './playback.ts'
import type { PlaybackAddress } from './playback-address.ts'
import { activityOf, nextWatchState, type WatchEvent, type WatchState } from './watch-state.ts'

export interface ShowOptions {
  video: HTMLVideoElement
  /** Where the multivariant playlist is, now and later: the next of its URLs is taken when an edge does not answer or is full. */
  address: Pick<PlaybackAddress, 'urls' | 'isSigned' | 'current'>
  latency: PlaybackSource['latency']
  /** What was fetched before the page's scripts were there; the first question and the first playback use it. */
  headStart?: HeadStart | undefined
  initial: WatchState
  /** Loads what plays; called before the first playback, in good time. */
  loadPlayback: () => Promise<StartPlayback>
  onState: (state: WatchState) => void
  onRenditions: (renditions: VideoRendition[]) => void
  /** Asks whether the channel is live. */
  probe?: typeof probeChannel
}

/** Playing well for so long, ms, makes the next trouble a new one. */
const calmAfterMs = 15_000

/** Runs what each state of the page needs: asking for the channel, or one playback at a time. */
export function createShow(options: ShowOptions) {
  const { video, address, latency, loadPlayback, onState, onRenditions, probe: ask = probeChannel } = options
  const pace = createPace()
  let state = options.initial
  /** Which of the URLs. */
  let place = 0
  let playback: Playback | undefined
  let activity = new AbortController()
  let calm: ReturnType<typeof setTimeout> | undefined
  let firstAnswer = options.headStart?.index
  let { headStart } = options

  const url = () => address.urls[place % address.urls.length] ?? address.urls[0]

  function dispatch(event: WatchEvent) {
    if (event.type === 'lost') console.warn(`playback lost: ${event.reason}`)
    const before = state
    state = nextWatchState(before, event)
    if (state === before) return
    onState(state)
    clearTimeout(calm)
    if (state.name === 'playing') calm = setTimeout(() => pace.calm(), calmAfterMs)
    // `joining` starts its own playback with the playlist in hand; `restart` asks at once.
    const anew = event.type === 'restart' || event.type === 'online'
    if (anew || activityOf(state) !== activityOf(before)) enter(event)
  }

  function enter(event: WatchEvent) {
    activity.abort()
    activity = new AbortController()
    playback?.close()
    playback = undefined
    if (event.type === 'probed' && event.answer.kind === 'live')
      void play(event.answer.playlist, activity.signal)
    else if (activityOf(state) === 'probe')
      void probe(activity.signal, event.type === 'restart' || event.type === 'online')
  }

  async function probe(signal: AbortSignal, atOnce: boolean) {
    let answer: ProbeAnswer | undefined
    try {
      if (!atOnce) await pause(pace.next(state, undefined), signal)
      while (!signal.aborted) {
        const asked = firstAnswer
        firstAnswer = undefined
        answer = await ask(url(), signal, asked)
        if (answer.kind === 'unreachable' || answer.kind === 'full') place += 1
        dispatch({ type: 'probed', answer })
        if (!signal.aborted) await pause(pace.next(state, answer), signal)
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  async function play(playlist: string, signal: AbortSignal) {
    const start = await loadPlayback().catch((error) => {
      console.warn(error)
    })
    if (signal.aborted) return
    if (start === undefined) return dispatch({ type: 'lost', reason: 'the player could not be loaded' })
    playback = start(
      video,
      {
        url: url(),
        playlist,
        latency,
        current: address.isSigned ? address.current : undefined,
        headStart: takeHeadStart(),
      },
      {
        onEvent: (event) => {
          if (!signal.aborted) dispatch(event)
        },
        onRenditions,
      },
    )
  }

  /** Only the first playback of the page begins with it. */
  function takeHeadStart() {
    const taken = headStart
    headStart = undefined
    return taken
  }

  function start() {
    onState(state)
    enter({ type: 'restart' })
  }

  return {
    start,
    dispatch,
    goLive: () => playback?.goLive(),
    latency: () => playback?.latency(),
    choose: (id: string | undefined) => playback?.choose(id),
  }
}

/** Waits; rejects when `signal` aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const timer = setTimeout(resolve, ms)
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
