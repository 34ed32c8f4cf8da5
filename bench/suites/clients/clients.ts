import { setTimeout as delay } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../../../test/kit/browser.ts'
import { type LiveChannel, startLiveChannel } from '../../../test/kit/live-channel.ts'
import { startProcess } from '../../../test/kit/processes.ts'
import { makeTempDir } from '../../../test/kit/temp-dir.ts'
import type { SuiteResult } from '../../figures/figure-file.ts'
import { keepResult } from '../../figures/result-file.ts'
import type { Figure } from '../../figures/table.ts'
import { servePlayerPages } from '../../stand/player-pages.ts'
import { type ClientRequests, startCountingProxy } from './counting-proxy.ts'
import { type ClientProgram, clientPrograms, isInstalled } from './programs.ts'

/** Players in Chromium, by the names of their pages. hls.js is the measure for all. */
const playerNames = { hlsjs: 'hls.js', shaka: 'Shaka Player', videojs: 'video.js', browser: 'Chromium' }
type PlayerName = keyof typeof playerNames

/** Length of the segments, s. */
const segmentSeconds = 2
/** The publisher pauses every `everyMs` for `lengthMs`. */
const pause = { everyMs: 30_000, lengthMs: 1500 }
/** Requests that a client may send, as a multiple of those of hls.js. */
const maxRequestRatio = 2
/** Share of the show that a client must have requested. */
const minShare = 0.9

/** What one client did. */
interface ClientRun {
  name: string
  seconds: number
  requests: ClientRequests
  /** Frames that a player in Chromium showed, per second. */
  framesPerSecond?: number
  /** Why the client ended before its time; undefined when it did not. */
  ended?: string
}

/** Plays `url` until the returned function is called. It resolves with what only the client knows. */
type Start = (url: string) => Promise<() => Promise<Pick<ClientRun, 'framesPerSecond' | 'ended'>>>

/**
 * Measures whether the HLS clients that people have play a channel whose publisher pauses, and how many
 * requests each one sends. Programs that are not installed are left out. Two players in Chromium, or three
 * programs, play at a time. Arguments: minutes of each (5), name of one client (all; hls.js plays always).
 */
export async function clients([minutes = '5', only = 'all']: string[]): Promise<SuiteResult> {
  const seconds = Number(minutes) * 60
  const channel = await startLiveChannel({ slug: 'clients', gopSeconds: segmentSeconds })
  const browser = await launchChromium()
  const pausing = setInterval(() => {
    channel.pausePublisher()
    setTimeout(() => channel.resumePublisher(), pause.lengthMs)
  }, pause.everyMs)
  try {
    await channel.untilSegments('video', 4)
    const isWanted = ([name]: [string, Start]) =>
      only === 'all' || name === only || name === playerNames.hlsjs
    const players = startsOfPlayers(browser).filter(isWanted)
    const programs = startsOfPrograms().filter(isWanted)
    const runs: ClientRun[] = []
    for (const group of [...groupsOf(players, 2), ...groupsOf(programs, 3)])
      runs.push(...(await Promise.all(group.map((each) => runOf(channel, seconds, each)))))
    const conditions = [
      `${minutes} min each, two or three at a time, 720p with its ladder, segments of ${segmentSeconds} s`,
      `the publisher pauses for ${pause.lengthMs / 1000} s every ${pause.everyMs / 1000} s`,
    ].join('; ')
    return keepResult('clients', 'Clients', { figures: figuresOf(runs) }, conditions)
  } finally {
    clearInterval(pausing)
    await browser.close()
    await channel.stop()
  }
}

/** Returns how each player in Chromium starts, hls.js first. */
function startsOfPlayers(browser: Browser): [name: string, start: Start][] {
  const players = Object.entries(playerNames) as [PlayerName, string][]
  return players.map(([page, name]) => [name, (url) => startPlayer(browser, page, url)])
}

/** Returns how each installed program starts. */
const startsOfPrograms = (): [name: string, start: Start][] =>
  clientPrograms
    .filter(({ command }) => isInstalled(command))
    .map((program) => [program.name, (url) => startProgram(program, url)])

const groupsOf = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, group) =>
    all.slice(group * size, (group + 1) * size),
  )

async function runOf(
  channel: LiveChannel,
  seconds: number,
  [name, start]: [string, Start],
): Promise<ClientRun> {
  const proxy = await startCountingProxy(channel.edgeUrl)
  try {
    const stop = await start(`${proxy.url}/live/${channel.slug}/index.m3u8`)
    await delay(seconds * 1000)
    const requests = proxy.counts()
    const run = { name, seconds, requests, ...(await stop()) }
    console.log(JSON.stringify(run))
    return run
  } finally {
    proxy.close()
  }
}

async function startPlayer(browser: Browser, player: PlayerName, url: string): ReturnType<Start> {
  const pages = await servePlayerPages(url)
  const page = await browser.newPage()
  const faults: string[] = []
  page.on('pageerror', ({ message }) => faults.push(message))
  await page.goto(pages.urlOf(player))
  const beganAt = performance.now()
  return async () => {
    const frames = await page.evaluate(
      () => document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0,
    )
    await page.close()
    pages.close()
    const framesPerSecond = frames / ((performance.now() - beganAt) / 1000)
    return { framesPerSecond, ...(faults[0] === undefined ? {} : { ended: faults[0] }) }
  }
}

async function startProgram(program: ClientProgram, url: string): ReturnType<Start> {
  const dir = makeTempDir()
  const isRoot = process.getuid?.() === 0
  const nobody = program.isForUsers && isRoot ? { uid: 65_534, gid: 65_534 } : {}
  const running = startProcess(program.command, program.args(url, dir.path), {
    cwd: '/',
    env: { PATH: process.env.PATH, HOME: dir.path },
    ...nobody,
  })
  const fate: { ended?: string } = {}
  void running.exited.then(({ code, signal }) => {
    fate.ended ??= `exit ${code ?? signal}: ${running.lines.at(-1) ?? ''}`
  })
  return async () => {
    const { ended } = fate
    await running.stop('SIGTERM', 3000)
    dir.remove()
    return ended === undefined ? {} : { ended }
  }
}

function figuresOf(runs: readonly ClientRun[]): Figure[] {
  const rateOf = ({ requests, seconds }: ClientRun) => (requests.playlists + requests.media) / seconds
  const measure = runs[0] === undefined ? 0 : rateOf(runs[0])
  return runs.flatMap((run): Figure[] => {
    const { name, seconds, requests, framesPerSecond, ended } = run
    const { firstMsn = 0, newestMsn = 0, failed, longestWaitMs } = requests
    const share = ((newestMsn - firstMsn + 1) * segmentSeconds) / seconds
    const detail = [
      `${requests.playlists} for playlists`,
      ...(ended === undefined ? [] : [`ended: ${ended}`]),
    ]
    return [
      {
        ...{ name: `${name}: requests`, value: rateOf(run), unit: '/s', detail: detail.join(', ') },
        ...(run === runs[0] ? {} : { atMost: maxRequestRatio * measure }),
      },
      {
        name: `${name}: share of the show not requested`,
        value: Math.max(0, 1 - share),
        unit: '',
        atMost: 1 - minShare,
      },
      {
        name: `${name}: longest wait for newer video`,
        value: longestWaitMs / 1000,
        unit: 's',
        better: 'lower',
      },
      { name: `${name}: failed requests`, value: failed, unit: '', better: 'lower' },
      ...(framesPerSecond === undefined
        ? []
        : [{ name: `${name}: frames shown`, value: framesPerSecond, unit: '/s', better: 'higher' as const }]),
    ]
  })
}
