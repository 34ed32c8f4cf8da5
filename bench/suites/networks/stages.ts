import { setTimeout as delay } from 'node:timers/promises'
import { makeCertificate } from '../../../test/kit/http/certificates.ts'
import { get } from '../../../test/kit/http/client.ts'
import { readMultivariant } from '../../../test/kit/playlist.ts'
import { freePorts } from '../../../test/kit/ports.ts'
import { makeTempDir } from '../../../test/kit/temp-dir.ts'
import { waitFor } from '../../../test/kit/wait-for.ts'
import { startWhole } from '../../../test/kit/whole.ts'
import { type LinkProxy, startLinkProxy } from '../../link/link-proxy.ts'
import { publishClock } from '../../stand/clock-publisher.ts'
import { startMediaMtx } from '../../stand/mediamtx.ts'
import { servePlayerPages } from '../../stand/player-pages.ts'
import type { Profile } from './profiles.ts'
import type { Rung } from './view-figures.ts'

/** A server with a live stream, behind a link. */
export interface Stage {
  proxy: LinkProxy
  ladder: readonly Rung[]
  /** Origins whose requests pass the link. */
  linkOrigins: readonly string[]
  /** Returns the URL of the page of a player. */
  urlOf(player: string): string
  /**
   * Resolves when the stream is live. Publishes again if the publisher has ended, which can happen on a busy
   * machine.
   */
  ready(): Promise<void>
  stop(): Promise<void>
}

export type Protocol = 'h1' | 'h2'

/** What is published, and the value of NOWCAST_LADDER for it. */
const sources = {
  hd: {
    ladder: 'auto',
    media: { width: 1280, height: 720, kbps: 4000, audioKbps: 128 },
  },
  // The challenge had 200, 600 and 1000 kbit/s. These rungs come to about the same, with audio of 32 kbit/s.
  challenge: {
    ladder: 'source,324,144',
    media: { width: 640, height: 360, kbps: 960, audioKbps: 32 },
  },
} as const

/** Maximum length of a stream, s. */
const maxSeconds = 86_400
/** Time that a live stream needs until its window is full enough for average bitrates, ms. */
const settleMs = 12_000

/**
 * Returns a publisher. `ready` starts it when it is not running, and resolves when `isLive` has resolved with
 * true. After a start it also waits for `settleMs`.
 */
function keepPublishing(url: string, source: Profile['source'], isLive: () => Promise<boolean>) {
  const options = { url, seconds: maxSeconds, ...sources[source].media }
  let publisher: ReturnType<typeof publishClock> | undefined
  return {
    async ready() {
      const isNew = publisher === undefined
      if (publisher === undefined) {
        const started = publishClock(options)
        publisher = started
        void started.closed.then(() => {
          if (publisher === started) publisher = undefined
        })
      }
      await waitFor('the stream to be live', isLive, { timeoutMs: 40_000 })
      if (isNew) await delay(settleMs)
    },
    stop: async () => publisher?.stop(),
  }
}

/** Starts a nowcast with one live channel, whose viewers reach the edge through a link. */
export async function startNowcastStage(source: Profile['source'], protocol: Protocol): Promise<Stage> {
  const slug = 'networks'
  const dir = makeTempDir()
  const [edgePort, linkPort, pagePort] = (await freePorts(3)) as [number, number, number]
  const scheme = protocol === 'h2' ? 'https' : 'http'
  const linkUrl = `${scheme}://127.0.0.1:${linkPort}`
  const tls = protocol === 'h2' ? makeCertificate(dir.path, 'edge') : undefined
  const whole = await startWhole({
    env: {
      NOWCAST_EDGE_PORT: String(edgePort),
      NOWCAST_PUBLIC_EDGE_URL: linkUrl,
      NOWCAST_LADDER: sources[source].ladder,
      NOWCAST_X264_PRESET: 'superfast',
      // The bench loads the whole machine. That must not make the edge refuse viewers.
      NOWCAST_EDGE_OVERLOAD_DELAY_MS: '0',
      NOWCAST_EDGE_OVERLOAD_BUSY: '0',
      ...(tls && { NOWCAST_TLS_CERT: tls.cert, NOWCAST_TLS_KEY: tls.key }),
    },
  })
  const { streamKey } = await whole.api('POST', '/v1/channels', { slug, latency: 'low' })
  const path = `/live/${slug}/index.m3u8`
  const playlist = () => get(`${scheme}://127.0.0.1:${edgePort}${path}`)
  const publishing = keepPublishing(
    `${whole.rtmpUrl}/${streamKey}`,
    source,
    async () => (await playlist()).status === 200,
  )
  const pages = await servePlayerPages(`${linkUrl}${path}`)
  const proxy = await startLinkProxy([
    { port: linkPort, target: edgePort },
    { port: pagePort, target: Number(new URL(whole.managerUrl).port) },
  ])
  const urls: Record<string, string> = {
    page: `${whole.managerUrl}/watch/${slug}`,
    visit: `http://127.0.0.1:${pagePort}/watch/${slug}`,
  }
  const stop = async () => {
    proxy.close()
    pages.close()
    await publishing.stop()
    await whole.stop()
    dir.remove()
  }
  try {
    await publishing.ready()
    const ladder = ladderOf((await playlist()).body.toString())
    return {
      proxy,
      ladder,
      stop,
      ready: publishing.ready,
      linkOrigins: [linkUrl, `http://127.0.0.1:${pagePort}`],
      urlOf: (player) => urls[player] ?? pages.urlOf(player),
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Starts MediaMTX with the same source as its only quality. Its own player page passes the link too. */
export async function startMediaMtxStage(source: Profile['source']): Promise<Stage> {
  const server = await startMediaMtx()
  const playlistUrl = server.playlistUrl('networks')
  const isLive = async () => (await fetch(playlistUrl)).ok
  const publishing = keepPublishing(`${server.rtmpUrl}/networks`, source, isLive)
  const [linkPort] = (await freePorts(1)) as [number]
  const proxy = await startLinkProxy([{ port: linkPort, target: Number(new URL(playlistUrl).port) }])
  const stop = async () => {
    proxy.close()
    await publishing.stop()
    await server.stop()
  }
  try {
    await publishing.ready()
  } catch (error) {
    await stop()
    throw error
  }
  const { height, kbps, audioKbps } = sources[source].media
  const origin = `http://127.0.0.1:${linkPort}`
  return {
    proxy,
    stop,
    ready: publishing.ready,
    linkOrigins: [origin],
    ladder: [{ height, kbps: kbps + audioKbps }],
    urlOf: () => new URL('.', playlistUrl.replace(new URL(playlistUrl).origin, origin)).href,
  }
}

/** Returns the variants with video of a multivariant playlist, lowest average bitrate first. */
function ladderOf(playlist: string): Rung[] {
  return readMultivariant(playlist)
    .variants.flatMap(({ attributes }) => {
      const [, height] = /x(\d+)$/.exec(attributes.get('RESOLUTION') ?? '') ?? []
      const kbps = Number(attributes.get('AVERAGE-BANDWIDTH')) / 1000
      return height === undefined ? [] : [{ height: Number(height), kbps }]
    })
    .sort((a, b) => a.kbps - b.kbps)
}
