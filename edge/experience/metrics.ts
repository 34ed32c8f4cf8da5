import type { ExperienceMeasure } from '../../core/contracts/experience.ts'
import {
  Counter,
  type HistogramSeries,
  type Registry,
  registerHistogram,
} from '../../core/process/metrics.ts'
import { bucketBounds, type RenditionTally } from './rendition-tally.ts'

/**
 * Metric of each measure. A value divided by `divisor` is in Prometheus units: seconds or bits per second.
 */
const histograms: [measure: ExperienceMeasure, name: string, help: string, divisor: number][] = [
  [
    'joinMs',
    'player_join_seconds',
    'Time from opening the page to the first frame, as reported by players',
    1000,
  ],
  ['latencyMs', 'player_latency_seconds', 'Age of the picture, as reported by players', 1000],
  ['bufferMs', 'player_buffer_seconds', 'Buffered media, as reported by players', 1000],
  ['bitrate', 'player_bitrate_bits_per_second', 'Bitrate of the media, as reported by players', 1],
  ['throughput', 'player_throughput_bits_per_second', 'Throughput, as measured by players', 1],
]

/**
 * Registers the metrics of player reports, by channel and rendition. They are read from `notes` at each
 * scrape.
 */
export function addExperienceMetrics(
  registry: Registry,
  notes: { tallies(): Iterable<RenditionTally> },
): void {
  const labelNames = ['channel', 'rendition']
  const labelsOf = ({ slug, rendition }: RenditionTally) => ({ channel: slug, rendition })

  for (const [measure, name, help, divisor] of histograms)
    registerHistogram(registry, {
      name: `nowcast_edge_${name}`,
      help,
      bounds: bucketBounds[measure].map((bound) => bound / divisor),
      *read(): Iterable<HistogramSeries> {
        for (const tally of notes.tallies()) {
          const { counts, sum } = tally.histograms[measure]
          if (counts.every((count) => count === 0)) continue
          yield { labels: labelsOf(tally), counts, sum: sum / divisor }
        }
      },
    })

  const counter = (name: string, help: string, read: (tally: RenditionTally) => number) =>
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
  counter('player_stalls_total', 'Stalls, as reported by players', ({ stalls }) => stalls)
  counter('player_stalled_seconds_total', 'Time that playback stalled', (tally) => tally.stalledMs / 1000)
  counter('player_played_seconds_total', 'Time that playback ran', (tally) => tally.playedMs / 1000)
}
