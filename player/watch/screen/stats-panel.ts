import { find } from '../../shared/dom.ts'
import type { PlaybackStats } from '../playback/playback.ts'

const updateEveryMs = 500

/** Creates the panel with figures of playback and of the link. It is hidden until it is toggled. */
export function createStatsPanel(read: () => PlaybackStats | undefined) {
  const panel = find('#stats')
  let timer: ReturnType<typeof setInterval> | undefined

  function update() {
    const rows = statsRows(read())
    panel.replaceChildren(
      ...rows.flatMap(([name, value]) => {
        const [term, text] = [document.createElement('dt'), document.createElement('dd')]
        term.textContent = name
        text.textContent = value
        return [term, text]
      }),
    )
  }

  return {
    toggle() {
      panel.hidden = !panel.hidden
      clearInterval(timer)
      if (panel.hidden) return
      update()
      timer = setInterval(update, updateEveryMs)
    },
  }
}

const seconds = (value: number | undefined) => (value === undefined ? '?' : `${value.toFixed(2)} s`)
const megabits = (bits: number) => `${(bits / 1e6).toFixed(1)} Mbit/s`

/** Returns the rows of the panel. `stats` is undefined where nothing plays or the browser plays by itself. */
export function statsRows(stats: PlaybackStats | undefined): [name: string, value: string][] {
  if (stats === undefined) return [['Playback', 'none']]
  const { throughput } = stats
  const height = stats.rendition === undefined ? '?' : `${stats.rendition}p`
  return [
    ['Age of the picture', seconds(stats.ageSeconds)],
    ['Distance', `${seconds(stats.distanceSeconds)} of ${seconds(stats.targetSeconds)}`],
    ['Buffer', seconds(stats.bufferSeconds)],
    ['Speed', `${stats.rate.toFixed(2)} ×`],
    ['Link', `${megabits(throughput.safe)} (${megabits(throughput.fast)} now)`],
    ['Round trip', `${Math.round(stats.roundTripMs)} ms`],
    ['Loads', stats.mode],
    ['Rendition', stats.next === undefined ? height : `${height}, then ${stats.next}p`],
    ['Why', stats.why],
  ]
}
