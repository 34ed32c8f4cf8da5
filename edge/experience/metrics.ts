import type { ExperienceMeasure } from '../../core/contracts/experience.ts'
import {
  Counter,
  type HistogramSeries,
  type Registry,
  registerHistogram,
} from '../../core/process/metrics.ts'
import { bucketBounds, type Tally } from './rendition-tally.ts'

/** Names and units as Prometheus has them: seconds and bits a second. */
const histograms: [measure: ExperienceMeasure, name: string, help: string, unit: number][] = [
  ['joinMs', 'player_join_seconds', 'From opening the page to the first frame, as players tell', 1000],
  ['latencyMs', 'player_latency_seconds', 'How old the picture is, as players tell', 1000],
  ['bufferMs', 'player_buffer_seconds', 'Media that players have in hand, as they tell', 1000],
  ['bitrate', 'player_bitrate_bits_per_second', 'Bitrate of what is watched, as players tell', 1],
  ['throughput', 'player_throughput_bits_per_second', 'Throughput as players measure it', 1],
]

/** Adds what players tell to the figures of an edge, by channel and rendition. */
export function measureExperience(registry: Registry, notes: { tallies(): Iterable<Tally> }): void {
  const labelNames = ['channel', 'rendition']
  const labelsOf = ({ slug, rendition }: Tally) => ({ channel: slug, rendition })

  for (const [measure, name, help, unit] of histograms)
    registerHistogram(registry, {
      name: `nowcast_edge_${name}`,
      help,
      bounds: bucketBounds[measure].map((bound) => bound / unit),
      *read(): Iterable<HistogramSeries> {
        for (const tally of notes.tallies()) {
          const { counts, sum } = tally.histograms[measure]
          if (counts.every((count) => count === 0)) continue
          yield { labels: labelsOf(tally), counts, sum: sum / unit }
        }
      },
    })

  const counter = (name: string, help: string, read: (tally: Tally) => number) =>
    new Counter({
      name: `nowcast_edge_${name}`,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset()
        for (const tally of notes.tallies()) this.inc(labelsOf(tally), read(tally))
      },
    })
  counter('player_stalls_total', 'Times that players ran dry, as they tell', ({ stalls }) => stalls)
  counter('player_stalled_seconds_total', 'How long pictures stood still', (tally) => tally.stalledMs / 1000)
  counter('player_played_seconds_total', 'How long pictures moved', (tally) => tally.playedMs / 1000)
}
