import { addSketch, ageSketch, type Sketch } from './sketch.ts'

/** Measures that are kept as distributions. Names ending in `Ms` are times in ms; the others are bits/s. */
export const experienceMeasures = ['joinMs', 'latencyMs', 'bufferMs', 'bitrate', 'throughput'] as const

export type ExperienceMeasure = (typeof experienceMeasures)[number]

/**
 * Experience of the viewers of one channel, as far as their players report it. Plain data, so that it can be
 * sent as JSON.
 */
export interface Experience {
  measures: Partial<Record<ExperienceMeasure, Sketch>>
  /** Time that playback stalled, and time that it ran without stalls, ms, summed over all viewers. */
  stalledMs: number
  playedMs: number
}

export const newExperience = (): Experience => ({ measures: {}, stalledMs: 0, playedMs: 0 })

/** Returns the sketch of a measure; creates an empty one when the experience has none. */
export function sketchOf({ measures }: Experience, measure: ExperienceMeasure): Sketch {
  measures[measure] ??= {}
  return measures[measure]
}

export function addExperience(to: Experience, other: Experience): void {
  for (const measure of experienceMeasures) {
    const sketch = other.measures[measure]
    if (sketch) addSketch(sketchOf(to, measure), sketch)
  }
  to.stalledMs += other.stalledMs
  to.playedMs += other.playedMs
}

/**
 * Time in which a reported value loses half of its weight, ms. For join times it is longer, because a viewer
 * joins only once.
 */
const halfLifeMs = 60_000
const joinHalfLifeMs = 600_000

/** Reduces all weights by an age of `elapsedMs`. Returns false when no measure and no played time is left. */
export function ageExperience(experience: Experience, elapsedMs: number): boolean {
  const factor = 0.5 ** (elapsedMs / halfLifeMs)
  for (const measure of experienceMeasures) {
    const sketch = experience.measures[measure]
    if (!sketch) continue
    ageSketch(sketch, measure === 'joinMs' ? 0.5 ** (elapsedMs / joinHalfLifeMs) : factor)
    if (Object.keys(sketch).length === 0) delete experience.measures[measure]
  }
  experience.stalledMs = aged(experience.stalledMs, factor)
  experience.playedMs = aged(experience.playedMs, factor)
  return Object.keys(experience.measures).length > 0 || experience.playedMs > 0
}

const aged = (ms: number, factor: number) => (ms * factor < 1 ? 0 : Math.round(ms * factor * 100) / 100)
