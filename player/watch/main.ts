import { find } from '../shared/dom.ts'
import { readConfig } from './config.ts'
import { createKeyActions } from './key-actions.ts'
import { listenForKeys } from './keyboard.ts'
import { describeLive } from './live-media.ts'
import { isNativeSupported, startNativePlayback } from './native-playback.ts'
import type { StartPlayback } from './playback.ts'
import { createPlaybackAddress, probeWithRenewal } from './playback-address.ts'
import { RenditionList } from './rendition-list.ts'
import { createShow } from './show.ts'
import { createStage } from './stage.ts'
import { createViewerId } from './viewer-id.ts'
import { createViewing } from './viewing.ts'
import type { WatchState } from './watch-state.ts'

const latencyShownEveryMs = 500

const config = readConfig(find('#nowcast-config').textContent, new URL(location.href))
const address = createPlaybackAddress({
  urls: [config.hls, ...(config.others ?? [])],
  renewAfterMs: config.renewAfterMs,
  renewUrl: new URL(`/watch/${config.slug}/address`, location.href).href,
})
const video = find<HTMLVideoElement>('video')
const hasMediaSource = 'MediaSource' in window || 'ManagedMediaSource' in window
const renditions = new RenditionList()
const stage = createStage(config.title, video)
const viewing = createViewing(video, window.nowcastHeadStart?.viewer ?? createViewerId())
let state = initialState()
/** Whether all went straight to the first frame in sight of the viewer: then its time is the join time. */
let isJoining = !document.hidden
let controls: Promise<{ showBehind(isBehind: boolean): void }> | undefined

const show = createShow({
  video,
  address,
  probe: probeWithRenewal(address),
  latency: config.latency,
  headStart: window.nowcastHeadStart,
  initial: state,
  loadPlayback,
  onState(next) {
    state = next
    stage.show(state)
    noteJoin()
    // The controls come after the first frame: nothing may stand in its way.
    if (state.name === 'playing') controls ??= loadControls()
    void controls?.then((loaded) => loaded.showBehind(isBehind()))
  },
  onRenditions: (offered) => renditions.offer(offered),
})
const isBehind = () => state.name === 'behind'

describeLive(video, renditions, isBehind)
show.start()
// The question is on its way: meanwhile the browser reads what will play the answer.
if (state.name === 'looking') void loadPlayback().catch(() => {})

function noteJoin() {
  if (isJoining && state.name === 'playing') viewing.joined(performance.now())
  isJoining &&= state.name === 'looking' || state.name === 'joining'
}

function initialState(): WatchState {
  if (config.unknown) return { name: 'unknown', session: null }
  if (!hasMediaSource && !isNativeSupported(video)) return { name: 'unsupported', session: null }
  return { name: 'looking', session: null }
}

async function loadPlayback(): Promise<StartPlayback> {
  if (!hasMediaSource) return startNativePlayback
  const { startHlsPlayback } = await import('./hls-playback.ts')
  return (...given) => startHlsPlayback(...given, viewing)
}

async function loadControls() {
  const { addControls } = await import('./controls.ts')
  return addControls(show.goLive)
}

renditions.addEventListener('change', () => show.choose(renditions.selected?.id))
listenForKeys(createKeyActions(video, show.goLive))
setInterval(() => stage.showLatency(show.latency()), latencyShownEveryMs)
addEventListener('visibilitychange', () => {
  isJoining = false
})
addEventListener('offline', () => show.dispatch({ type: 'offline' }))
addEventListener('online', () => show.dispatch({ type: 'online' }))
addEventListener('pageshow', (event) => event.persisted && show.dispatch({ type: 'restart' }))
