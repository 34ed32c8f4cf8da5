import { sessionTtlMs } from '../../core/contracts/live-registry.ts'
import type { Log } from '../../core/process/log.ts'
import type { Mark } from '../flv/start-filter.ts'
import type { Presentation } from '../packager/packager.ts'
import type { Ladder } from '../plan/ladder.ts'
import { audioName, planAgain, type TranscodePlan } from '../plan/plan.ts'
import type { FollowedSession, KnownSession } from './followed-session.ts'
import type { HealthReport } from './health-report.ts'
import { createLateness, type Lateness } from './lateness.ts'
import { type Replan, replanFor } from './replan.ts'
import type { RunOutput } from './run-output.ts'
import type { StartRun } from './run-starter.ts'
import type { RunEnd, TranscodeRun } from './transcode-run.ts'

export interface TranscodeOptions {
  startRun: StartRun
  output: RunOutput
  followed: Pick<FollowedSession, 'latest' | 'missingMs'>
  presentation: Pick<Presentation, 'mediaEndMs'>
  health: Pick<HealthReport, 'update'>
  plan: TranscodePlan
  ladder: Ladder
  /** Configured segment length, ms. */
  segmentMs: number
  log: Log
}

/** What is running. There are two runs at the same time only while one hands over to the next. */
type State =
  | { kind: 'idle' }
  | { kind: 'running'; run: TranscodeRun }
  /** The plan has changed, and the next run is being started. */
  | { kind: 'starting next'; run: TranscodeRun }
  /** The next run takes over when `run` has reached its cut. */
  | { kind: 'handing over'; run: TranscodeRun; next: TranscodeRun }

/** Time between checks of a run, ms. */
const checkMs = 250

export type Transcode = ReturnType<typeof createTranscode>

/**
 * Transcodes a session in runs, one after another. When the plan no longer fits the source, the next run is
 * started while the present one continues, and takes over at a mark that is still to come.
 */
export function createTranscode(options: TranscodeOptions) {
  const { startRun, output, followed, presentation, health, ladder, segmentMs, log } = options
  const stopping = new AbortController()
  let plan = options.plan
  let state: State = { kind: 'idle' }

  const mediaEndMs = () => presentation.mediaEndMs(plan.video[0]?.name ?? audioName)
  const nextRun = () => (state.kind === 'handing over' ? state.next : undefined)

  function check(run: TranscodeRun, lateness: Lateness) {
    const { source, expectedGopMs } = followed.latest
    const sourceMs = sourceMsOf(run, followed.latest)
    const endMs = mediaEndMs()
    health.update(sourceMs, endMs)
    // The ingest removed the session or cannot reach the registry. For everyone else the session is over.
    if (followed.missingMs > sessionTtlMs) return run.finish()
    if (state.kind !== 'running') return
    if (isTooLate(run, sourceMs, endMs, lateness)) return run.giveWay()
    const replan = replanFor({ plan, view: run.source, source, ladder, segmentMs, expectedGopMs })
    if (replan !== undefined) void handOver(run, replan)
  }

  async function handOver(run: TranscodeRun, replan: Replan) {
    const isStarting = () => state.kind === 'starting next' && state.run === run
    state = { kind: 'starting next', run }
    plan = replan.plan
    log.info({ why: replan.why }, 'the plan changes')
    try {
      const next = await startRun(plan, replan.at, stopping.signal)
      if (!isStarting()) return next.stop()
      state = { kind: 'handing over', run, next }
      run.cutAt(replan.at)
    } catch (error) {
      log.debug({ err: error }, 'handover failed')
      if (isStarting()) state = { kind: 'running', run }
    }
  }

  return {
    /** Makes a plan for the present source, after it was lost. */
    planAgain(): void {
      const followsSource = plan.keyframes === 'source'
      plan = planAgain(plan, followed.latest.source, { ladder, followsSource })
    },

    /** Transcodes until the source ends or something fails. Rejects only if stopped before it began. */
    async run(from: Mark | null): Promise<RunEnd> {
      let run = await startRun(plan, from, stopping.signal)
      for (;;) {
        state = { kind: 'running', run }
        const end = await supervise(run, output, check)
        const next = nextRun()
        state = { kind: 'idle' }
        if (end.kind !== 'cut' || next === undefined) {
          next?.stop()
          return end
        }
        run = next
      }
    },

    /**
     * Where a run continues after ffmpeg failed: at the end of the published media, if encoding can start
     * anywhere; otherwise null.
     */
    get resumeMark(): Mark | null {
      return resumeMarkOf(plan, mediaEndMs())
    },

    stop(): void {
      stopping.abort()
      if (state.kind !== 'idle') state.run.stop()
      nextRun()?.stop()
    },
  }
}

function resumeMarkOf({ keyframes }: TranscodePlan, endMs: number | undefined): Mark | null {
  return keyframes === 'timed' && endMs !== undefined ? { kind: 'time', ms: Math.floor(endMs) } : null
}

/** Publishes a run and checks it until its end. */
async function supervise(
  run: TranscodeRun,
  output: RunOutput,
  check: (run: TranscodeRun, lateness: Lateness) => void,
): Promise<RunEnd> {
  const endOutput = output.publish(run)
  const timer = setInterval(check, checkMs, run, createLateness(performance.now()))
  const end = await run.ended
  clearInterval(timer)
  endOutput()
  return end
}

function isTooLate(
  { source }: TranscodeRun,
  sourceMs: number | undefined,
  endMs: number | undefined,
  lateness: Lateness,
): boolean {
  if (sourceMs === undefined || endMs === undefined) return false
  return lateness.isTooLate({
    now: performance.now(),
    behindMs: sourceMs - endMs,
    gopMs: source.longestGopMs,
  })
}

/**
 * Returns the newest timestamp that the source is known to have, ms. Media that the ingest reports may not
 * have reached the run yet.
 */
function sourceMsOf({ source, flvUrl }: TranscodeRun, latest: KnownSession): number | undefined {
  const { ingest, newestMs: reportedMs } = latest
  if (source.newestMs === undefined || reportedMs === undefined || ingest.flvUrl !== flvUrl)
    return source.newestMs
  return Math.max(source.newestMs, reportedMs)
}
