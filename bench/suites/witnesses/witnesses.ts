import { setTimeout as delay } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../../../test/kit/browser.ts'
import { get } from '../../../test/kit/http/client.ts'
import { waitFor } from '../../../test/kit/wait-for.ts'
import { startWhole } from '../../../test/kit/whole.ts'
import type { SuiteResult } from '../../figures/figure-file.ts'
import { keepResult } from '../../figures/result-file.ts'
import { readCurve } from '../../spike/curves/curve.ts'
import { planViewers } from '../../spike/curves/plan.ts'
import { createCrowd } from '../../spike/run/crowd.ts'
import { publishClock } from '../../stand/clock-publisher.ts'
import { servePlayerPages } from '../../stand/player-pages.ts'
import type { ViewerKind } from '../../viewer/viewer-options.ts'
import { compareKind, type Observed } from './comparison.ts'
import { type Experience, watchAsWitness } from './witness.ts'

/** Players of the witnesses, in the order of their arrival, which is spread evenly over that of the crowd. */
const witnessKinds: readonly ViewerKind[] = ['plain', 'page', 'plain', 'page', 'plain']
const kinds = ['plain', 'page'] as const
/** Crowd without load, with which the time that the browser itself needs for a join is measured. */
const fewViewers = 20
const slug = 'witnesses'
/** A picture that costs little to decode, so that the browser does not disturb the crowd. */
const media = { width: 320, height: 180, kbps: 400, audioKbps: 64 }
/** Time that a live stream needs until its window is full, ms. */
const settleMs = 12_000
const gatherMs = 3000

/**
 * Compares real players in Chromium with the simulated viewers of the crowd that they are in: five witnesses
 * on the curve idol. Arguments: viewers (300), runs (5).
 */
export async function witnesses([viewers = '300', runs = '5']: string[]): Promise<SuiteResult> {
  const whole = await startWhole({
    env: { NOWCAST_LADDER: 'source', NOWCAST_EDGE_MAX_CONNECTIONS_PER_ADDRESS: '0' },
  })
  const path = `/live/${slug}/index.m3u8`
  const { streamKey } = await whole.api('POST', '/v1/channels', { slug, latency: 'low' })
  const publisher = publishClock({ url: `${whole.rtmpUrl}/${streamKey}`, seconds: 86_400, ...media })
  const pages = await servePlayerPages(whole.edgeUrl + path)
  const browser = await launchChromium()
  try {
    await waitFor('the stream to be live', async () => (await get(whole.edgeUrl + path)).status === 200, {
      timeoutMs: 40_000,
    })
    await delay(settleMs)
    const urls = { plain: pages.urlOf('hlsjs'), page: `${whole.managerUrl}/watch/${slug}` }
    const scene = { urls, edgeUrl: whole.edgeUrl, path }
    const seen: Record<'few' | 'crowd', Observed[]> = { few: [], crowd: [] }
    for (let seed = 1; seed <= Number(runs); seed++) {
      seen.few.push(await watchTogether(browser, { ...scene, viewers: fewViewers, seed }))
      seen.crowd.push(await watchTogether(browser, { ...scene, viewers: Number(viewers), seed }))
    }
    return keepResult(
      'witnesses',
      'Real players in a crowd of simulated viewers',
      { figures: kinds.flatMap((kind) => compareKind(kind, seen)) },
      `${witnessKinds.length} players in Chromium and ${viewers} simulated viewers, curve idol, ${runs} runs`,
    )
  } finally {
    await browser.close()
    pages.close()
    await publisher.stop()
    await whole.stop()
  }
}

interface Scene {
  urls: Record<ViewerKind, string>
  edgeUrl: string
  path: string
  viewers: number
  seed: number
}

/** Lets the crowd and the witnesses arrive, and watches until the end of the curve. */
async function watchTogether(browser: Browser, scene: Scene): Promise<Observed> {
  const { urls, edgeUrl, path, viewers, seed } = scene
  const plan = planViewers(readCurve('idol'), { viewers, seed, gatherMs, settleMs: gatherMs })
  const startsAt = performance.now() + plan.warmUpMs
  const crowd = createCrowd({ urls: [edgeUrl], path, isLowLatency: true, kinds, plan, startsAt })
  crowd.start()
  const untilEnd = delay(startsAt + plan.lengthMs - performance.now())
  const arrivals = plan.viewers.filter(({ isInsider }) => !isInsider)
  const watching = witnessKinds.map(async (kind, index) => {
    const place = Math.floor(((index + 0.5) / witnessKinds.length) * arrivals.length)
    await delay(startsAt + (arrivals[place]?.arriveMs ?? 0) - performance.now())
    return watchAsWitness(browser, { kind, url: urls[kind], edgeUrl, untilEnd })
  })
  const real = await Promise.all(watching)
  crowd.stop()
  const simulated = crowd.members
    .filter(({ isInsider }) => !isInsider)
    .map((member): Experience => {
      const { joinMs = Number.POSITIVE_INFINITY, stalledMs, playedMs, latenciesMs } = member.viewer.figures
      const stalledShare = stalledMs === 0 ? 0 : stalledMs / (stalledMs + playedMs)
      return { kind: member.kind, joinMs, stalledShare, latenciesMs }
    })
  return { real, simulated }
}
