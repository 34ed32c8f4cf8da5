import { setTimeout as delay } from 'node:timers/promises'
import { isAlive } from '../../../test/kit/process-table.ts'
import type { EventStage, Show, ShowOptions } from './stage.ts'

export interface Outcome {
  /** When the publisher was back, Unix time, ms: its first frame was due. Undefined if it never left. */
  backAt?: number
}

export interface ShowEvent extends ShowOptions {
  name: string
  /** Maximum time for which the picture may stand still, ms; undefined while there is no publisher. */
  stallMs?: number
  /** Maximum time from the return of the publisher to the next picture, ms. */
  backMs?: number
  act(scene: { stage: EventStage; show: Show }): Promise<Outcome>
}

/** Time after which OBS connects again, ms. */
const obsRetryMs = 2000

/** Ends the publisher without notice, and publishes again after `awayMs`. */
async function comeBack({ show }: { show: Show }, awayMs: number, publish: () => Show['publisher']) {
  show.publisher.kill('SIGKILL')
  await show.publisher.closed
  await delay(awayMs)
  return { backAt: publish().firstFrameAt }
}

/** Sends a signal to the transcoder of the show, and SIGKILL to it after `killMs` if that is not 0. */
function signalTranscoder(signal: NodeJS.Signals, killMs = 0): ShowEvent['act'] {
  return async ({ stage, show }) => {
    const pid = await stage.transcoderOf(await show.sessionId())
    process.kill(pid, signal)
    await delay(5000 + killMs)
    // The supervisor may have killed it already.
    if (killMs > 0 && isAlive(pid)) process.kill(pid, 'SIGKILL')
    return {}
  }
}

/** Sends a signal to the ingest of the show. Its publisher connects to the other one as OBS does. */
function signalIngest(signal: NodeJS.Signals): ShowEvent['act'] {
  return async ({ show }) => {
    show.ingest.kill(signal)
    await show.publisher.closed
    await delay(obsRetryMs)
    return { backAt: show.publish().firstFrameAt }
  }
}

/** What can happen to a show, with what viewers may see of it. */
export const showEvents: readonly ShowEvent[] = [
  { name: 'transcoder killed', stallMs: 1500, act: signalTranscoder('SIGKILL') },
  { name: 'transcoder frozen', stallMs: 2500, act: signalTranscoder('SIGSTOP', 2000) },
  { name: 'transcoder gets SIGTERM', stallMs: 500, act: signalTranscoder('SIGTERM') },
  {
    name: 'publisher away for 5 s',
    backMs: 1500,
    act: (scene) => comeBack(scene, 5000, () => scene.show.publish(scene.show.ingest.rtmpUrl)),
  },
  {
    name: 'publisher away for 20 s',
    backMs: 1500,
    act: (scene) => comeBack(scene, 20_000, () => scene.show.publish(scene.show.ingest.rtmpUrl)),
  },
  {
    name: 'publisher away for 20 s, with a slate',
    stallMs: 1500,
    hasSlate: true,
    act: (scene) => comeBack(scene, 20_000, () => scene.show.publish(scene.show.ingest.rtmpUrl)),
  },
  {
    name: 'publisher back with another size and frame rate',
    backMs: 1500,
    act: (scene) =>
      comeBack(scene, 2000, () =>
        scene.show.publish(scene.show.ingest.rtmpUrl, { width: 480, height: 270, fps: 25 }),
      ),
  },
  {
    name: 'publisher back at another ingest',
    backMs: 1500,
    act: (scene) => comeBack(scene, 2000, () => scene.show.publish()),
  },
  {
    name: 'publisher back while its connection hangs',
    backMs: 2500,
    async act({ show }) {
      show.publisher.kill('SIGSTOP')
      await delay(2000)
      return { backAt: show.publish(show.ingest.rtmpUrl).firstFrameAt }
    },
  },
  { name: 'ingest killed', backMs: 1500, act: signalIngest('SIGKILL') },
  { name: 'ingest gets SIGTERM', backMs: 1500, act: signalIngest('SIGTERM') },
  {
    name: 'manager killed',
    stallMs: 500,
    async act({ stage: { whole } }) {
      for (const pid of whole.rolePids('manager')) process.kill(pid, 'SIGKILL')
      await delay(5000)
      return {}
    },
  },
  {
    name: 'roll',
    stallMs: 500,
    isAtWhole: true,
    async act({ stage }) {
      await stage.roll()
      return {}
    },
  },
]
