import type { ExperienceView, SpreadView } from '../../core/api/experience.ts'
import { element } from '../shared/element.ts'
import { formatBitrate } from '../shared/units.ts'

/** One measure of the viewers' experience as text. `value` is the median, except for stalls. */
export interface ExperienceFact {
  label: string
  value: string
  detail: string
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(ms < 9950 ? 1 : 0)} s`

/** Returns the measures in the order in which they are shown. Leaves out those that no player reported. */
export function experienceFactsOf(experience: ExperienceView): ExperienceFact[] {
  const { joinMs, latencyMs, bufferMs, bitrate, throughput, stallRatio } = experience
  const fact = (label: string, spread: SpreadView | null, format: (value: number) => string) =>
    spread ? [{ label, value: format(spread.p50), detail: `95th percentile ${format(spread.p95)}` }] : []
  return [
    ...fact('Latency', latencyMs, seconds),
    ...fact('Join time', joinMs, seconds),
    ...(stallRatio === null
      ? []
      : [{ label: 'Stalls', value: `${Number((100 * stallRatio).toFixed(2))} %`, detail: 'of the time' }]),
    ...fact('Bitrate', bitrate, formatBitrate),
    ...fact('Buffer', bufferMs, seconds),
    ...fact('Throughput', throughput, formatBitrate),
  ]
}

/** Creates the block about the viewers' experience; null when no player reported any. */
export function experienceFacts(experience: ExperienceView | null): HTMLElement | null {
  const facts = experience ? experienceFactsOf(experience) : []
  if (facts.length === 0) return null
  const tiles = facts.map(({ label, value, detail }) =>
    element(
      'div',
      {},
      element('dt', { text: label }),
      element('dd', {}, value, element('span', { class: 'beyond', text: detail })),
    ),
  )
  return element(
    'div',
    { class: 'experience' },
    element('h3', { text: 'Viewer experience' }),
    element('dl', { class: 'tiles' }, ...tiles),
  )
}
