import { join } from 'node:path'
import type { SessionView } from '../../../core/api/session.ts'
import { startProcess } from '../../../test/kit/processes.ts'
import { root } from '../../../test/kit/root.ts'
import { makePicture, uploadSlate } from '../../../test/kit/slate-upload.ts'
import { makeTempDir } from '../../../test/kit/temp-dir.ts'
import { waitFor } from '../../../test/kit/wait-for.ts'
import { startWhole, type Whole } from '../../../test/kit/whole.ts'
import { type ClockPublisher, type ClockPublisherOptions, publishClock } from '../../stand/clock-publisher.ts'

const settings = { NOWCAST_LADDER: 'source', NOWCAST_GRACE_MS: '60000' }

/** What a show is like. */
export interface ShowOptions {
  /** Whether it is published to the instance that can roll, in place of an ingest of its own. */
  isAtWhole?: boolean
  /** Whether the channel has a slate. The picture then moves without a publisher too. */
  hasSlate?: boolean
}

export type EventStage = Awaited<ReturnType<typeof startEventStage>>
export type Show = Awaited<ReturnType<typeof startShow>>

/** Starts a whole nowcast, with a second transcoder beside it. */
export async function startEventStage() {
  const dir = makeTempDir()
  const dataDir = join(dir.path, 'data')
  const whole = await startWhole({ dataDir, env: settings })
  let spare: Awaited<ReturnType<Whole['startTranscoder']>> | undefined
  let shows = 0

  /** Starts the second transcoder, unless it runs. */
  async function keepSpare(): Promise<void> {
    if (spare && (await Promise.race([spare.exited, 'running'])) === 'running') return
    spare = await whole.startTranscoder()
  }

  return {
    whole,

    /** Returns the process id of the transcoder that has a session. */
    async transcoderOf(sessionId: string): Promise<number> {
      const { transcoder } = await whole.api<SessionView>('GET', `/v1/sessions/${sessionId}`)
      return spare && transcoder === spare.instance ? spare.pid : (whole.rolePids('transcoder')[0] ?? 0)
    },

    /** Runs `nowcast roll`. */
    async roll(): Promise<void> {
      const env = { ...process.env, NOWCAST_DATA_DIR: dataDir }
      const command = startProcess(process.execPath, [join(root, 'infra/roll/main.ts')], { env })
      const { code } = await command.exited
      if (code !== 0) throw new Error(`roll: ${command.lines.join('\n')}`)
    },

    /** Starts a show of a new channel. */
    async startShow(wanted: ShowOptions = {}) {
      await keepSpare()
      await whole.untilReady()
      await whole.untilListening()
      shows += 1
      return startShow(whole, `show-${shows}`, wanted)
    },

    async stop(): Promise<void> {
      await spare?.stop('SIGKILL')
      await whole.stop()
      dir.remove()
    },
  }
}

async function startShow(whole: Whole, slug: string, { isAtWhole, hasSlate }: ShowOptions) {
  const { streamKey, playback } = await whole.api('POST', '/v1/channels', { slug, latency: 'low' })
  if (hasSlate) await uploadSlate(whole, slug, await makePicture('navy'))
  const ingest = await whole.startIngest()
  const publishers: ClockPublisher[] = []
  function publish(rtmpUrl = whole.rtmpUrl, more: Partial<ClockPublisherOptions> = {}): ClockPublisher {
    const publisher = publishClock({ url: `${rtmpUrl}/${streamKey}`, seconds: 3600, gopSeconds: 1, ...more })
    publishers.push(publisher)
    return publisher
  }
  publish(isAtWhole ? whole.rtmpUrl : ingest.rtmpUrl)
  await whole.untilLive(slug)
  const liveSessions = async () =>
    (await whole.api<{ items: SessionView[] }>('GET', '/v1/sessions?state=live')).items

  return {
    watchUrl: playback.watch,
    playlistUrl: `${whole.edgeUrl}/live/${slug}/index.m3u8`,
    /** The ingest at which the show began, a process of its own. */
    ingest,
    /** Publishes again; by default at the ingest of the whole. */
    publish,
    get publisher(): ClockPublisher {
      return publishers.at(-1) as ClockPublisher
    },
    sessionId: async () => (await liveSessions())[0]?.id ?? 'none',
    async [Symbol.asyncDispose]() {
      for (const each of publishers) each.kill('SIGKILL')
      ingest.kill('SIGKILL')
      await ingest.exited
      await whole.api('DELETE', `/v1/channels/${slug}`)
      await waitFor('the show to end', async () => (await liveSessions()).length === 0)
    },
  }
}
