import type { HealthView, SampleView } from '../../core/api/health.ts'
import { find } from '../shared/dom.ts'
import { element } from '../shared/element.ts'
import { formatBitrate } from '../shared/units.ts'
import { setText } from './issue-list.ts'
import { lengthText, type Words } from './words.ts'

/** Number of newest samples over which the present numbers are averaged. */
const presentSamples = 3
/** Size of the graph in its own units, and the share of its height that the highest value takes. */
const [width, height, fill] = [600, 120, 0.9]

/** Returns labels and values: of the newest seconds, or of a whole show that is over. */
export function figuresOf({ samples, state }: HealthView, words: Words): [string, string][] {
  const used = state === 'ended' ? samples : samples.slice(-presentSamples)
  const mean = (of: (sample: SampleView) => number) =>
    used.reduce((sum, sample) => sum + of(sample), 0) / Math.max(1, used.length)
  const most = (of: (sample: SampleView) => number) => Math.max(0, ...used.map(of))
  const gopMs = used.at(-1)?.gopMs ?? null
  return [
    [words.bitrate, formatBitrate(mean(({ videoBitrate }) => videoBitrate))],
    [words.frameRate, `${Math.round(mean(({ frames }) => frames))} fps`],
    [words.keyframes, gopMs === null ? '–' : words.every(String(Number((gopMs / 1000).toFixed(1))))],
    [words.sound, formatBitrate(mean(({ audioBitrate }) => audioBitrate))],
    [words.jitter, `${Math.round(mean(({ jitterMs }) => jitterMs))} ms`],
    [words.delay, `${Math.round(most(({ lateMs }) => lateMs))} ms`],
  ]
}

/** Returns the paths of a graph: its line, and the area below it. Empty without at least two values. */
export function graphPaths(values: readonly number[]): { line: string; area: string } {
  if (values.length < 2) return { line: '', area: '' }
  const most = Math.max(1, ...values)
  const points = values.map((value, index) => {
    const x = (index / (values.length - 1)) * width
    const y = height - (value / most) * height * fill
    return `${x.toFixed(1)} ${y.toFixed(1)}`
  })
  const line = `M${points.join('L')}`
  return { line, area: `${line}L${width} ${height}L0 ${height}Z` }
}

/** Creates the part of the page with numbers and the graph. */
export function createNumbers(words: Words) {
  const tiles = find('#tiles')
  const values: HTMLElement[] = []
  const [line, area] = [find<SVGPathElement>('#graph .line'), find<SVGPathElement>('#graph .area')]

  return (health: HealthView): void => {
    const figures = figuresOf(health, words)
    if (values.length === 0)
      for (const [label] of figures) {
        const value = element('dd')
        values.push(value)
        tiles.append(element('div', {}, element('dt', { text: label }), value))
      }
    for (const [index, [, text]] of figures.entries()) {
      const value = values[index]
      if (value) setText(value, text)
    }
    const paths = graphPaths(health.samples.map(({ videoBitrate }) => videoBitrate))
    line.setAttribute('d', paths.line)
    area.setAttribute('d', paths.area)
    find('#graph').hidden = paths.line === ''
    const length = lengthText((health.samples.length * health.everyMs) / 1000, words)
    const isOver = health.state === 'ended'
    setText(find('#graph-from'), isOver ? '0:00' : words.ago(length))
    setText(find('#graph-to'), isOver ? length : words.now)
  }
}
