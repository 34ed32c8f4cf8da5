import type { TranscodeHealth } from '../core/contracts/live-records.ts'
import { Counter, createMetrics, Gauge } from '../core/process/metrics.ts'
import { createPartDelay } from './part-delay.ts'

export type TranscoderMetrics = ReturnType<typeof createTranscoderMetrics>

/** The figures of a transcoder process. */
export function createTranscoderMetrics() {
  const registry = createMetrics('transcoder')
  const registers = [registry]
  /** By slug. */
  const health = new Map<string, TranscodeHealth>()
  /** A figure of each channel, worked out when somebody asks: health is told four times a second. */
  function showHealth(name: string, help: string, figureOf: (of: TranscodeHealth) => number) {
    const gauge: Gauge<'slug'> = new Gauge({
      ...{ name, help, labelNames: ['slug'], registers },
      collect() {
        gauge.reset()
        for (const [slug, of] of health) gauge.set({ slug }, figureOf(of))
      },
    })
  }
  showHealth('nowcast_transcoder_speed', 'Media seconds made per second', ({ speed }) => speed)
  showHealth(
    'nowcast_transcoder_behind_seconds',
    'Distance of the published media from the source',
    ({ behindMs }) => behindMs / 1000,
  )
  showHealth(
    'nowcast_transcoder_overloaded',
    '1 while the transcode of a channel cannot keep up',
    ({ overloaded }) => (overloaded ? 1 : 0),
  )
  return {
    registry,
    partDelay: createPartDelay(registry),
    /** Shows how many sessions are transcoded now. */
    watchSessions(count: () => number): void {
      const sessions: Gauge = new Gauge({
        name: 'nowcast_transcoder_sessions',
        help: 'Sessions transcoded now',
        registers,
        collect: () => sessions.set(count()),
      })
    },
    epochs: new Counter({ name: 'nowcast_transcoder_epochs_total', help: 'Starts of ffmpeg', registers }),
    failures: new Counter({
      name: 'nowcast_transcoder_ffmpeg_failures_total',
      help: 'Runs of ffmpeg that died or hung',
      registers,
    }),
    skips: new Counter({
      name: 'nowcast_transcoder_skips_total',
      help: 'Times that media was left out because the transcode was too late',
      registers,
    }),
    ends: new Counter({
      name: 'nowcast_transcoder_session_ends_total',
      help: 'Ends of transcoded sessions by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    /** How well each channel keeps up; write it in, take it out when it ends. */
    health,
  }
}
