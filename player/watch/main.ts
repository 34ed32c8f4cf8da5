import { find } from '../shared/dom.ts'
import { createPlaybackAddress } from './edges/playback-address.ts'
import { readConfig } from './page/config.ts'
import { isNativeSupported, startNativePlayback } from './playback/native-playback.ts'
import type { StartPlayback } from './playback/playback.ts'
import { createExperienceMonitor } from './report/experience-monitor.ts'
import { createViewerId } from './report/viewer-id.ts'
import { createKeyActions } from './screen/key-actions.ts'
import { listenForKeys } from './screen/keyboard.ts'
import { describeLive, RenditionList } from './screen/rendition-list.ts'
import { createStage } from './screen/stage.ts'
import { createStatsPanel } from './screen/stats-panel.ts'
import { probeWithRenewal } from './show/channel-probe.ts'
import { createShow } from './show/show.ts'
import type { WatchState } from './show/watch-state.ts'

const showLatencyEveryMs = 500

const config = readConfig(find('#nowcast-config').textContent, new URL(location.href))
const address = createPlaybackAddress({
  urls: [config.hls, ...(config.others ?? [])],
  renewAfterMs: config.renewAfterMs,
  renewUrl: new URL(`${config.slug}/address`, location.href).href,
})
const video = find<HTMLVideoElement>('video')
const hasMediaSource = 'MediaSource' in window || 'ManagedMediaSource' in window
const renditions = new RenditionList()
const stage = createStage(config.title, video)
const experience = createExperienceMonitor(video, window.nowcastHeadStart?.viewerId ?? createViewerId())
let state = initialState()
/**
 * Whether the time to the first frame counts as a join time. It does not if the page was hidden meanwhile, or
 * if a state other than `checking` and `joining` came between.
 */
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
    recordJoin()
    // The controls are loaded after the first frame, so that they cannot delay it.
    if (state.name === 'playing') controls ??= loadControls()
    void controls?.then((loaded) => loaded.showBehind(isBehind()))
  },
  onRenditions: (offered) => renditions.offer(offered),
})
const statsPanel = createStatsPanel(show.stats)
const isBehind = () => state.name === 'behind'

describeLive(video, renditions, isBehind)
show.start()
// Loads the player early. `loadPlayback` itself waits until the download does not delay the first frame.
if (state.name === 'checking') void loadPlayback().catch(() => {})

function recordJoin() {
  if (isJoining && state.name === 'playing') experience.joined(performance.now())
  isJoining &&= state.name === 'checking' || state.name === 'joining'
}

function initialState(): WatchState {
  if (config.unknown) return { name: 'unknown', session: null }
  if (!hasMediaSource && !isNativeSupported(video)) return { name: 'unsupported', session: null }
  return { name: 'checking', session: null }
}

async function loadPlayback(): Promise<StartPlayback> {
  if (!hasMediaSource) return startNativePlayback
  await window.nowcastHeadStart?.ready
  const { startHlsPlayback } = await import('./playback/hls-playback.ts')
  return (video, source, listener) => startHlsPlayback(video, source, listener, experience)
}

async function loadControls() {
  const { addControls } = await import('./screen/controls.ts')
  return addControls(show.goLive)
}

renditions.addEventListener('change', () => show.choose(renditions.selected?.id))
listenForKeys({ ...createKeyActions(video, show.goLive), toggleStats: statsPanel.toggle })
setInterval(() => stage.showLatency(show.latency()), showLatencyEveryMs)
addEventListener('visibilitychange', () => {
  isJoining = false
})
addEventListener('offline', () => show.dispatch({ type: 'offline' }))
addEventListener('online', () => show.dispatch({ type: 'online' }))
addEventListener('pageshow', (event) => event.persisted && show.dispatch({ type: 'restart' }))
