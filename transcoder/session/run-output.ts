import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import type { EpochOptions, EpochSink, Presentation } from '../packager/packager.ts'
import type { FollowedSession, KnownSession } from './followed-session.ts'
import type { SessionMetrics } from './session-dependencies.ts'
import type { TranscodeRun } from './transcode-run.ts'

export interface RunOutputOptions {
  presentation: Pick<Presentation, 'beginEpoch'>
  followed: Pick<FollowedSession, 'latest'>
  /** Configured segment length, ms. */
  segmentMs: number
  metrics: Pick<SessionMetrics, 'lateAudio'>
  log: Log
  /** Called when the first bytes of a run arrive. */
  onFirstOutput(run: OutputRun): void
}

/** The part of a run that the output needs. */
export type OutputRun = Pick<TranscodeRun, 'epoch' | 'pid' | 'plan' | 'source' | 'open' | 'fail'>

/** Timestamps that go back by more than any GOP belong to a publisher that started again, ms. */
const restartMs = 15_000

export type RunOutput = ReturnType<typeof createRunOutput>

/** Publishes the output of a session's runs, one after another, in one presentation. */
export function createRunOutput(options: RunOutputOptions) {
  const { presentation, followed, segmentMs, metrics, log } = options
  /** Newest timestamp of the source in the previous runs, ms. */
  let previousNewestMs: number | undefined

  function openSink(run: OutputRun): EpochSink {
    const isRestarted =
      previousNewestMs !== undefined && (run.source.newestMs ?? 0) < previousNewestMs - restartMs
    const sink = presentation.beginEpoch({
      ...epochOptionsOf(run, followed.latest, segmentMs),
      timeline: isRestarted ? 'new' : 'same',
      onAudioLate() {
        metrics.lateAudio.inc()
        log.warn({ epoch: run.epoch }, 'audio arrived late: viewers hear silence until the next run')
      },
      onFailure: (error) => run.fail(`its output cannot be understood: ${messageOf(error)}`),
    })
    options.onFirstOutput(run)
    return sink
  }

  return {
    /**
     * Publishes a run from its first bytes on: one that writes nothing leaves no trace in the playlists.
     * Returns the function that publishes the rest after its end.
     */
    publish(run: OutputRun): () => void {
      let sink: EpochSink | undefined
      run.open((rendition, chunk) => {
        sink ??= openSink(run)
        sink.write(rendition, chunk)
      })
      return () => {
        previousNewestMs = run.source.newestMs ?? previousNewestMs
        sink?.end()
      }
    },
  }
}

/** Returns what the packager has to know about a run in advance. */
function epochOptionsOf(
  { epoch, plan }: OutputRun,
  { source, expectedGopMs }: KnownSession,
  segmentMs: number,
): EpochOptions {
  const sourceGopMs = source.video?.gopMs ?? expectedGopMs ?? undefined
  return {
    epoch,
    audio: plan.audio === 'silent' ? 'silent' : 'pipe',
    frameMs: 1000 / (plan.fps || 30),
    gopMs: plan.keyframes === 'timed' ? segmentMs : sourceGopMs,
  }
}
