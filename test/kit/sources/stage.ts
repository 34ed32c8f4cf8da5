import { afterAll, beforeAll } from 'vitest'
import type { ChannelView } from '../../../core/api/channel.ts'
import type { ListPage } from '../../../core/api/common.ts'
import type { SessionView } from '../../../core/api/session.ts'
import { waitFor } from '../wait-for.ts'
import { startWhole, type Whole } from '../whole.ts'
import { encodeMessages, type MediaMessage } from './media-messages.ts'
import { type PacedOptions, publishMessages } from './paced-publisher.ts'
import { createShownChannel, extentOf } from './shown-channel.ts'

type Stage = Awaited<ReturnType<typeof startStage>>
export type ShowOptions = Omit<Partial<PacedOptions>, 'key'> & {
  /** Length of the media that viewers must have at the end, s; 2 by default. */
  seconds?: number
  /** Returns the server and key fields of the encoder for a stream key. */
  fieldsOf?: (key: string) => { app?: string; key: string }
}

let shows = 0

/**
 * Starts a whole nowcast for tests of publishers. `show` and `refused` publish on a new channel each; other
 * tests `open` one themselves.
 */
async function startStage() {
  // Publishers of the tests just close their connections, and this must end their sessions at once.
  const whole = await startWhole({ env: { NOWCAST_GRACE_MS: '0' } })
  const port = Number(new URL(whole.rtmpUrl).port)

  async function open(takeover = false) {
    const slug = `show-${++shows}`
    const { streamKey } = await whole.api('POST', '/v1/channels', { slug, takeover })
    return { slug, key: streamKey, ...createShownChannel(`${whole.edgeUrl}/live/${slug}/`) }
  }

  return {
    whole,
    port,
    open,
    statusOf: (slug: string) => statusOf(whole, slug),
    sessionsOf: (slug: string) => sessionsOf(whole, slug),

    /**
     * Publishes all messages on a new channel. Returns what viewers have as soon as that is more than
     * `seconds` of media. The publisher leaves after that.
     */
    async show(messages: readonly MediaMessage[], { fieldsOf, seconds = 2, ...options }: ShowOptions = {}) {
      const channel = await open()
      const fields = fieldsOf?.(channel.key) ?? { key: channel.key }
      const publisher = await publishMessages(messages, { ...options, ...fields, port })
      try {
        await whole.untilLive(channel.slug)
        const partTargets = new Set([(await channel.playlist('video')).partTarget])
        await publisher.sent
        const { playlist, extent } = await waitFor(`more than ${seconds} s of media`, async () => {
          const playlist = await channel.playlist('video')
          const extent = extentOf(playlist)
          return extent.seconds > seconds && { playlist, extent }
        })
        const lateMs = Date.now() - extent.endsAt
        const [pictures, loudness, live] = await Promise.all([
          channel.pictures(),
          channel.loudness(),
          statusOf(whole, channel.slug),
        ])
        const [top] = pictures
        partTargets.add(playlist.partTarget)
        return {
          seconds: extent.seconds,
          lateMs,
          pictures,
          top,
          loudness,
          live,
          source: live?.source,
          partTargets: [...partTargets],
        }
      } finally {
        await publisher.stop()
      }
    },

    /**
     * Publishes messages that ingest refuses. Returns why the session ended, and what the publisher received.
     */
    async refused(messages: readonly MediaMessage[]) {
      const channel = await open()
      const publisher = await publishMessages(messages, { port, key: channel.key })
      await publisher.closed
      const session = await waitFor('the session to end', async () =>
        (await sessionsOf(whole, channel.slug)).find(({ state }) => state === 'ended'),
      )
      return { reason: session.reason, detail: session.detail ?? '', heard: publisher.heard() }
    },
    stop: () => whole.stop(),
  }
}

const statusOf = async (whole: Whole, slug: string) =>
  (await whole.api<ChannelView>('GET', `/v1/channels/${slug}`)).live

const sessionsOf = async (whole: Whole, slug: string) =>
  (await whole.api<ListPage<SessionView>>('GET', `/v1/sessions?channel=${slug}`)).items

/**
 * Starts an instance with `startStage` before the tests of a file, and encodes the media that most of them
 * publish.
 */
export function useStage(): () => Stage {
  let stage: Stage | undefined
  beforeAll(async () => {
    encodeMessages()
    stage = await startStage()
  })
  afterAll(() => stage?.stop())
  return () => {
    if (stage === undefined) throw new Error('the stage is available in tests only')
    return stage
  }
}
