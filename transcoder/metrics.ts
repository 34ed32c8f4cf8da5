import type { TranscodeHealth } from '../core/contracts/live-records.ts'
import { addGauge, Counter, createMetrics, Gauge, Histogram, type Registry } from '../core/process/metrics.ts'
import { type Guard, guards } from './encoder/box/ffmpeg-box.ts'
import type { RoomFigures } from './room/room.ts'
import type { SessionMetrics } from './session/session-dependencies.ts'

export function createTranscoderMetrics() {
  const registry = createMetrics('transcoder')
  const registers = [registry]
  const health = new Map<string, TranscodeHealth>()
  registerHealth(registry, health)
  const sessions = {
    epochs: new Counter({ name: 'nowcast_transcoder_epochs_total', help: 'Epochs of sessions', registers }),
    runs: new Counter({ name: 'nowcast_transcoder_ffmpeg_runs_total', help: 'Starts of ffmpeg', registers }),
    failures: new Counter({
      name: 'nowcast_transcoder_ffmpeg_failures_total',
      help: 'Runs of ffmpeg that died or hung',
      registers,
    }),
    skips: new Counter({
      name: 'nowcast_transcoder_skips_total',
      help: 'Times that media was skipped because the transcode was too late',
      registers,
    }),
    slateFailures: new Counter({
      name: 'nowcast_transcoder_slate_failures_total',
      help: 'Slates that could not be downloaded or encoded',
      registers,
    }),
    ends: new Counter({
      name: 'nowcast_transcoder_session_ends_total',
      help: 'Ends of transcoded sessions by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    health,
  } satisfies SessionMetrics

  return {
    registry,
    sessions,
    recordPartDelay: createPartDelay(registry),
    /** Registers a gauge that shows which guards confine ffmpeg on this system. */
    showGuards(present: readonly Guard[]): void {
      const gauge = new Gauge({
        name: 'nowcast_transcoder_ffmpeg_guard',
        help: '1 when ffmpeg is confined by a guard, 0 when this system does not have it',
        labelNames: ['guard'],
        registers,
      })
      for (const guard of guards) gauge.set({ guard }, present.includes(guard) ? 1 : 0)
    },
    /** Registers a gauge of the sessions that are being transcoded. `count` is called at each scrape. */
    watchSessions(count: () => number): void {
      const help = 'Sessions that are being transcoded'
      addGauge(registry, { name: 'nowcast_transcoder_sessions', help }, count)
    },
    /** Registers gauges of what may be encoded. `figures` is called at each scrape. */
    watchRoom: (figures: () => RoomFigures) => registerRoom(registry, figures),
  }
}

/**
 * Registers the gauges of each channel, by slug. They are computed at each scrape, because health changes
 * several times a second.
 */
function registerHealth(registry: Registry, health: ReadonlyMap<string, TranscodeHealth>) {
  function register(name: string, help: string, figureOf: (of: TranscodeHealth) => number) {
    const gauge: Gauge<'slug'> = new Gauge({
      name,
      help,
      labelNames: ['slug'],
      registers: [registry],
      collect() {
        gauge.reset()
        for (const [slug, of] of health) gauge.set({ slug }, figureOf(of))
      },
    })
  }
  register('nowcast_transcoder_speed', 'Media seconds made per second', ({ speed }) => speed)
  register(
    'nowcast_transcoder_behind_seconds',
    'Distance of the published media from the source',
    ({ behindMs }) => behindMs / 1000,
  )
  register('nowcast_transcoder_overloaded', '1 while the transcode of a channel cannot keep up', (of) =>
    of.overloaded ? 1 : 0,
  )
}

function registerRoom(registry: Registry, figures: () => RoomFigures) {
  const register = (name: string, help: string, figureOf: (of: RoomFigures) => number) =>
    addGauge(registry, { name, help }, () => figureOf(figures()))
  register(
    'nowcast_transcoder_capacity',
    'Work that this transcoder can do, megapixels encoded per second; +Inf without a limit',
    ({ capacity }) => capacity,
  )
  register('nowcast_transcoder_work', 'Work that its sessions may do now', ({ work }) => work)
  register(
    'nowcast_transcoder_wanted_work',
    'Work that its sessions would do with their full ladders',
    ({ wanted }) => wanted,
  )
  register(
    'nowcast_transcoder_reduced_sessions',
    'Sessions with fewer renditions, because there is no room for all',
    ({ reducedSessions }) => reducedSessions,
  )
}

/** Maximum number of values that wait to be added to the histogram. */
const maxWaiting = 128

/**
 * Registers the histogram of the time that parts spend in the packager. Returns a function that records a
 * part. Values are added in batches and before a scrape: a single value between other work costs much more,
 * because the code of the histogram is then no longer in the caches of the CPU.
 */
function createPartDelay(registry: Registry): (kind: 'video' | 'audio', seconds: number) => void {
  const waiting: { kind: 'video' | 'audio'; seconds: number }[] = []
  const histogram: Histogram<'kind'> = new Histogram({
    name: 'nowcast_packager_part_delay_seconds',
    help: 'Time from the arrival of the last bytes of a part to its publication',
    labelNames: ['kind'],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5],
    registers: [registry],
    collect: count,
  })
  function count() {
    for (const { kind, seconds } of waiting.splice(0)) histogram.observe({ kind }, seconds)
  }
  return (kind, seconds) => {
    if (waiting.push({ kind, seconds }) >= maxWaiting) count()
  }
}
