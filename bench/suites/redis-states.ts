import { globSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import type { ChannelView } from '../../core/api/channel.ts'
import { NowcastError } from '../../core/process/errors.ts'
import { closeRedis, type Redis } from '../../core/process/redis.ts'
import { launchChromium } from '../../test/kit/browser.ts'
import { createChannelRequests } from '../../test/kit/channel-requests.ts'
import { connectToRedis, startRedis, type TestRedis } from '../../test/kit/redis.ts'
import { unwritableStates } from '../../test/kit/redis-states.ts'
import { type SlowProxy, startSlowProxy } from '../../test/kit/slow-proxy.ts'
import { watchStillness } from '../../test/kit/stillness.ts'
import { makeTempDir } from '../../test/kit/temp-dir.ts'
import { waitFor } from '../../test/kit/wait-for.ts'
import { startWhole, type Whole } from '../../test/kit/whole.ts'
import type { SuiteResult } from '../figures/figure-file.ts'
import { keepResult } from '../figures/result-file.ts'
import type { Figure } from '../figures/table.ts'
import { type ClockPublisher, publishClock } from '../stand/clock-publisher.ts'
import { recordRendition } from '../stand/rendition-record.ts'

const slug = 'states'
/** Time for which the viewer watches before the first state, ms. */
const settleMs = 8000
/** Maximum time without a moving picture, ms. */
const maxStillMs = 500

interface State {
  name: string
  begin(): unknown
  end(): unknown
}

interface Stand {
  whole: Whole
  page: Page
  seconds: number
}

/**
 * Takes a whole instance through the states in which Redis and the clocks can be, while a viewer watches in
 * Chromium. The instance begins with a clock that is 3 h behind. Arguments: seconds of each state (30), text
 * that the names of the states must contain (by default all states).
 */
export async function redisStates([seconds = '30', part = '']: string[]): Promise<SuiteResult> {
  const dir = makeTempDir()
  const clock = createClock(dir.path)
  const server = await startRedis()
  const proxy = await startSlowProxy(server.url)
  const redis = await connectToRedis(server.url, 'wait')
  const whole = await startWhole({ env: { ...clock.env, REDIS_URL: proxy.url, NOWCAST_LADDER: 'off' } })
  const browser = await launchChromium()
  const publishers: ClockPublisher[] = []
  const publish = async (name: string) => {
    const { streamKey, playback } = await whole.api('POST', '/v1/channels', { slug: name })
    publishers.push(publishClock({ url: `${whole.rtmpUrl}/${streamKey}`, seconds: 3600 }))
    await whole.untilLive(name)
    return playback.watch
  }
  try {
    const page = await browser.newPage()
    await page.goto(await publish(slug))
    await page.waitForSelector('#stage[data-state="playing"]', { timeout: 30_000 })
    await delay(settleMs)
    const stand = { whole, page, seconds: Number(seconds) }
    const figures: Figure[] = []
    const states = statesOf({ server, proxy, redis, clock }).filter(({ name }) => name.includes(part))
    for (const state of states) figures.push(...(await endure(stand, state)))
    clock.set('+0')
    await publish('dated')
    const error = await dateErrorOf(`${whole.edgeUrl}/live/dated/`)
    figures.push({
      name: 'a session after the clock was set: its dates are off by',
      value: error,
      unit: 'ms',
      atMost: 5000,
    })
    return keepResult('redis-states', 'States of Redis and of clocks', { figures }, `${seconds} s each`)
  } finally {
    await browser.close()
    await Promise.all(publishers.map((each) => each.stop()))
    await whole.stop()
    closeRedis(redis)
    await proxy.close()
    await server.stop()
    dir.remove()
  }
}

/**
 * Creates the wall clock of an instance, 3 h behind. `set` changes it while the instance runs. Timers and
 * durations stay right, because libfaketime leaves the monotonic clock alone.
 */
function createClock(directory: string) {
  const [library] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1')
  if (library === undefined)
    throw new NowcastError('bad_settings', 'the clocks need libfaketime (Debian: faketime)')
  const file = join(directory, 'clock')
  const set = (offset: string) => writeFileSync(file, `${offset}\n`)
  set('-3h')
  return {
    set,
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  }
}

interface World {
  server: TestRedis
  proxy: SlowProxy
  redis: Redis
  clock: ReturnType<typeof createClock>
}

function statesOf({ server, proxy, redis, clock }: World): State[] {
  return [
    { name: 'clock set forward by 3 h', begin: () => clock.set('+0'), end() {} },
    { name: 'clock set back by 3 h', begin: () => clock.set('-3h'), end: () => clock.set('+0') },
    {
      name: 'clock ahead of that of Redis by 60 s',
      begin: () => clock.set('+60s'),
      end: () => clock.set('+0'),
    },
    ...unwritableStates.map(({ name, begin, end }) => {
      return { name, begin: () => begin(redis), end: () => end(redis) }
    }),
    { name: 'responses take 2 s', begin: () => proxy.setDelay(2000), end: () => proxy.setDelay(0) },
    {
      name: 'hangs',
      begin: () => process.kill(server.pid, 'SIGSTOP'),
      end: () => process.kill(server.pid, 'SIGCONT'),
    },
    { name: 'restarts empty', begin: () => server.restart(), end() {} },
    { name: 'away, and empty afterwards', begin: () => server.kill(), end: () => server.restart() },
  ]
}

/** Watches while a state lasts, then until the manager is ready, and then for `settleMs`. */
async function endure({ whole, page, seconds }: Stand, state: State): Promise<Figure[]> {
  const sessionOf = async () => {
    const { live } = await whole.api<ChannelView>('GET', `/v1/channels/${slug}`)
    return live?.sessionId
  }
  const sessionId = await sessionOf()
  const base = `${whole.edgeUrl}/live/${slug}/`
  const { variants } = await createChannelRequests(base).multivariant()
  const ending = new AbortController()
  const recording = recordRendition(base, variants[0]?.uri ?? '', ending.signal)
  const readStillMs = await watchStillness(page)
  let wrong = 0
  const looking = (async () => {
    while (!ending.signal.aborted) {
      const found = await sessionOf().catch(() => undefined)
      if (found !== sessionId) wrong += 1
      await delay(500)
    }
  })()

  await state.begin()
  await delay(seconds * 1000)
  await state.end()
  const endedAt = performance.now()
  await waitFor('the manager to be ready', async () => (await fetch(`${whole.managerUrl}/readyz`)).ok)
  const backMs = Math.round(performance.now() - endedAt)
  await delay(settleMs)
  ending.abort()
  await looking
  const { discontinuities, longestWaitMs, failures } = await recording
  const stillMs = Math.round(await readStillMs())
  console.log(
    JSON.stringify({ state: state.name, stillMs, discontinuities, longestWaitMs, failures, wrong, backMs }),
  )
  const of = (what: string) => `${state.name}: ${what}`
  return [
    { name: of('longest stop of the picture'), value: stillMs, unit: 'ms', atMost: maxStillMs },
    { name: of('longest wait for media'), value: Math.round(longestWaitMs), unit: 'ms' },
    { name: of('discontinuities'), value: discontinuities, unit: '', atMost: 0 },
    { name: of('failed requests for playlists'), value: failures, unit: '', atMost: 0 },
    { name: of('responses of the API without the session'), value: wrong, unit: '', atMost: 0 },
    { name: of('ready again after'), value: backMs, unit: 'ms' },
  ]
}

/** Returns the difference between the end of the newest segment and the present time, ms. */
async function dateErrorOf(base: string): Promise<number> {
  const { multivariant, playlistAt } = createChannelRequests(base)
  const uri = (await multivariant()).variants[0]?.uri ?? ''
  const last = await waitFor('a segment with a date', async () => {
    const { playlist } = await playlistAt(uri)
    return playlist.segments.findLast(({ programDateTime }) => programDateTime !== undefined)
  })
  return Math.abs(Date.now() - (last.programDateTime ?? 0) - last.duration * 1000)
}
