import type { Log } from '../../core/process/log.ts'
import type { Epoch } from '../epoch/epoch.ts'
import type { TranscodePlan } from '../plan/plan.ts'
import type { OriginRecord } from './origin-record.ts'
import type { SessionDependencies } from './session-dependencies.ts'

/** Writes to the log and the session log that an epoch began. */
export async function reportEpoch(
  { number, pids, plan: { video, omitted, audio, keyframes } }: Epoch,
  { sessionLog, instance }: SessionDependencies,
  sessionId: string,
  record: OriginRecord,
  log: Log,
): Promise<void> {
  const left = omitted.length > 0 ? { omitted: omitted.map(describe) } : {}
  log.info({ epoch: number, pids, video: video.map(describe), ...left, audio, keyframes }, 'transcoding')
  await sessionLog
    .append({
      type: 'transcoding',
      at: Date.now(),
      sessionId,
      epoch: number,
      transcoder: instance,
      renditions: record.renditions(),
    })
    .catch((error) => log.warn({ err: error }, 'the session log is away'))
}

const describe = ({ name, width, height, bitrate }: TranscodePlan['video'][number]) =>
  `${name} ${width}x${height} ${bitrate === null ? 'passed through' : `${Math.round(bitrate / 1000)} kbit/s`}`
