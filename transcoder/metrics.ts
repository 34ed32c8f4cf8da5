import { Counter, createMetrics, Gauge, Histogram } from '../core/metrics.ts'

export type TranscoderMetrics = ReturnType<typeof createTranscoderMetrics>

/** The figures of a transcoder process. */
export function createTranscoderMetrics() {
  const registry = createMetrics('transcoder')
  const registers = [registry]
  const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames: ['slug'], registers })
  const partDelay = new Histogram({
    name: 'nowcast_packager_part_delay_seconds',
    help: 'From the last bytes of a part to its publication',
    labelNames: ['kind'],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5],
    registers,
  })
  return {
    registry,
    partDelay: (kind: 'video' | 'audio', seconds: number) => partDelay.observe({ kind }, seconds),
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
    ends: new Counter({
      name: 'nowcast_transcoder_session_ends_total',
      help: 'Ends of transcoded sessions by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    speed: gauge('nowcast_transcoder_speed', 'Media seconds made per second'),
    behind: gauge('nowcast_transcoder_behind_seconds', 'Distance of the published media from the source'),
    overloaded: gauge('nowcast_transcoder_overloaded', '1 while the transcode of a channel cannot keep up'),
  }
}
