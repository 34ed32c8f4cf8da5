import { setTimeout as delay } from 'node:timers/promises'
import type { ChannelView } from '../../core/api/channel.ts'
import { launchChromium } from '../../test/kit/browser.ts'
import { makeCertificate } from '../../test/kit/http/certificates.ts'
import { startRawPublisher } from '../../test/kit/ingest/raw-publisher.ts'
import { attackRtmp } from '../../test/kit/ingest/rtmp-attack.ts'
import { freePort } from '../../test/kit/ports.ts'
import { makeTempDir } from '../../test/kit/temp-dir.ts'
import { waitFor } from '../../test/kit/wait-for.ts'
import { startWhole } from '../../test/kit/whole.ts'
import { resultOf, type SuiteResult } from '../figures/figure-file.ts'
import { quantile } from '../figures/statistics.ts'
import { publishClock } from '../stand/clock-publisher.ts'
import { watchClock } from '../stand/clock-viewer.ts'
import { keepHostileCrowds } from '../stand/hostile-crowd.ts'

/** Number of silent and slow clients of each kind. */
const crowd = 500
/** No state of a connection without a publish lasts longer, ms: all deadlines one after the other. */
const maxKeptMs = 40_000
/** Time between two attempts to publish, ms. */
const publishEveryMs = 2000

/**
 * Attacks ingest with hostile RTMP, and with crowds of silent and slow clients with and without TLS, while a
 * viewer watches a live channel. Measures whether ingest survives, whether the picture keeps moving, and
 * whether new publishers get in. Arguments: seconds (60).
 */
export async function hostileRtmp([seconds = '60']: string[]): Promise<SuiteResult> {
  const directory = makeTempDir()
  const { cert, key } = makeCertificate(directory.path, 'hostile')
  const rtmpsPort = await freePort()
  const tls = { NOWCAST_RTMPS_PORT: String(rtmpsPort), NOWCAST_TLS_CERT: cert, NOWCAST_TLS_KEY: key }
  const whole = await startWhole({ env: tls })
  const { streamKey, playback } = await whole.api('POST', '/v1/channels', { slug: 'beside' })
  const others = await whole.api('POST', '/v1/channels', { slug: 'others' })
  const publisher = publishClock({ url: `${whole.rtmpUrl}/${streamKey}`, seconds: Number(seconds) + 90 })
  const browser = await launchChromium(['--ignore-certificate-errors'])
  const port = Number(new URL(whole.rtmpUrl).port)
  try {
    // With TLS the edge has a certificate that `fetch` does not trust.
    await waitFor('the channel to be live', async () => {
      const { live } = await whole.api<ChannelView>('GET', '/v1/channels/beside')
      return live !== null
    })
    const pids = whole.rolePids('ingest')
    const until = performance.now() + Number(seconds) * 1000
    const [{ connections, accepted }, crowds, admitted, view] = await Promise.all([
      attackRtmp({ port, seconds: Number(seconds) }),
      keepHostileCrowds(
        [
          { port, states: 'rtmp' },
          { port: rtmpsPort, states: 'tls' },
          { port: rtmpsPort, states: 'rtmp', alpn: [] },
        ],
        { count: crowd, seconds: Number(seconds), maxMs: maxKeptMs },
      ),
      publishAgainAndAgain(port, others.streamKey, until),
      watchClock(browser, playback.watch, { seconds: Number(seconds) }),
    ])
    console.log(JSON.stringify(view))
    const { items } = await whole.api<{ items: unknown[] }>('GET', '/v1/sessions?state=live')
    const survived = whole.rolePids('ingest').join() === pids.join()
    return resultOf([
      { name: 'hostile connections', value: connections, unit: '' },
      { name: 'accepted as publishers', value: accepted, unit: '', atMost: 0 },
      { name: 'connections of silent and slow clients', value: crowds.connections, unit: '' },
      { name: 'the longest of them', value: crowds.longestMs / 1000, unit: 's' },
      { name: 'kept for over 40 s', value: crowds.keptTooLong, unit: '', atMost: 0 },
      { name: 'publishers who came meanwhile', value: admitted.ms.length + admitted.failed, unit: '' },
      { name: 'not admitted', value: admitted.failed, unit: '', atMost: 0 },
      { name: 'time until they publish, p99', value: quantile(admitted.ms, 0.99), unit: 'ms', atMost: 1000 },
      { name: 'sessions beside the one that was watched', value: items.length - 1, unit: '', atMost: 0 },
      { name: 'crashes of ingest', value: survived ? 0 : 1, unit: '', atMost: 0 },
      { name: 'stalls of the viewer', value: view.stalls.times, unit: '', atMost: 0 },
      { name: 'age p95', value: view.ageMs.p95, unit: 'ms' },
    ])
  } finally {
    await browser.close()
    await publisher.stop()
    await whole.stop()
    directory.remove()
  }
}

/** Publishes for a moment from time to time. Returns how long it took each time until it was accepted. */
async function publishAgainAndAgain(port: number, streamKey: string, until: number) {
  const admitted = { ms: [] as number[], failed: 0 }
  while (performance.now() < until) {
    const begin = performance.now()
    const publisher = await startRawPublisher(port, streamKey).catch(() => undefined)
    if (publisher === undefined) admitted.failed += 1
    else {
      admitted.ms.push(performance.now() - begin)
      await publisher.vanish()
    }
    await delay(publishEveryMs)
  }
  return admitted
}
