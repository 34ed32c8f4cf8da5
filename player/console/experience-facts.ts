import { element } from '../shared/element.ts'
import { formatBitrate } from '../shared/units.ts'
import type { Experience, Spread } from './shapes.ts'

/** A fact of how viewers fare: its median, and what one in twenty is beyond. */
export interface ExperienceFact {
  label: string
  value: string
  detail: string
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(ms < 9950 ? 1 : 0)} s`

/** In the order to show them; nothing of what nobody told. */
export function experienceFactsOf(experience: Experience): ExperienceFact[] {
  const { joinMs, latencyMs, bufferMs, bitrate, throughput, stallRatio } = experience
  const fact = (label: string, spread: Spread | null, words: (value: number) => string) =>
    spread ? [{ label, value: words(spread.p50), detail: `95 % up to ${words(spread.p95)}` }] : []
  return [
    ...fact('Behind live', latencyMs, seconds),
    ...fact('Join time', joinMs, seconds),
    ...(stallRatio === null
      ? []
      : [{ label: 'Stalls', value: `${Number((100 * stallRatio).toFixed(2))} %`, detail: 'of the time' }]),
    ...fact('Watched at', bitrate, formatBitrate),
    ...fact('Buffer', bufferMs, seconds),
    ...fact('Throughput', throughput, formatBitrate),
  ]
}

/** The block of how viewers fare; null while none of them tells. */
export function experienceFacts(experience: Experience | null): HTMLElement | null {
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
    element('h3', { text: 'How viewers fare' }),
    element('dl', { class: 'tiles' }, ...tiles),
  )
}
