import { launchChromium } from '../../test/kit/browser.ts'
import { attackRtmp } from '../../test/kit/ingest/rtmp-attack.ts'
import { startWhole } from '../../test/kit/whole.ts'
import { figureTable } from '../figures/table.ts'
import { publishClock } from '../stand/clock-publisher.ts'
import { watchClock } from '../stand/clock-viewer.ts'

/**
 * Attacks ingest with hostile RTMP while a viewer watches a live channel. Measures whether ingest survives,
 * and whether the picture keeps moving. Arguments: seconds (60).
 */
export async function hostileRtmp([seconds = '60']: string[]): Promise<string> {
  const whole = await startWhole()
  const { streamKey, playback } = await whole.api('POST', '/v1/channels', { slug: 'beside' })
  const publisher = publishClock({ url: `${whole.rtmpUrl}/${streamKey}`, seconds: Number(seconds) + 60 })
  const browser = await launchChromium()
  try {
    await whole.untilLive('beside')
    const pids = whole.rolePids('ingest')
    const port = Number(new URL(whole.rtmpUrl).port)
    const [{ connections, accepted }, view] = await Promise.all([
      attackRtmp({ port, seconds: Number(seconds) }),
      watchClock(browser, playback.watch, { seconds: Number(seconds) }),
    ])
    console.log(JSON.stringify(view))
    const { items } = await whole.api<{ items: unknown[] }>('GET', '/v1/sessions')
    const survived = whole.rolePids('ingest').join() === pids.join()
    return figureTable([
      { name: 'hostile connections', value: connections, unit: '' },
      { name: 'accepted as publishers', value: accepted, unit: '', atMost: 0 },
      { name: 'sessions beside the one that was watched', value: items.length - 1, unit: '', atMost: 0 },
      { name: 'crashes of ingest', value: survived ? 0 : 1, unit: '', atMost: 0 },
      { name: 'stalls of the viewer', value: view.stalls.times, unit: '', atMost: 0 },
      { name: 'age p95', value: view.ageMs.p95, unit: 'ms' },
    ])
  } finally {
    await browser.close()
    await publisher.stop()
    await whole.stop()
  }
}
