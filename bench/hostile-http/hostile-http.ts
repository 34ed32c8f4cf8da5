import { setTimeout as delay } from 'node:timers/promises'
import { isAlive } from '../../test/kit/process-table.ts'
import { residentBytes } from '../process-figures.ts'
import { quantile } from '../statistics.ts'
import { figureTable } from '../table.ts'
import {
  type Attack,
  forgeToken,
  newFindings,
  sendHuge,
  sendOdd,
  sendSlowly,
  smuggle,
  trickPath,
} from './attacks.ts'
import { startTwoShows, type TwoShows } from './two-shows.ts'

/** How many of each are at it at one time. */
const attackers: readonly [Attack, number][] = [
  [sendOdd, 12],
  [smuggle, 4],
  [trickPath, 4],
  [forgeToken, 4],
  [sendHuge, 2],
  [sendSlowly, 50],
]
/** How often each of those who watch asks, ms. */
const pollMs = 50
const mebibyte = 2 ** 20

interface Watching {
  answers: number
  wrong: string[]
  ms: number[]
}

/** Hostile HTTP for a while at an edge that serves an open and a signed channel: does it stay, and does everybody get what is theirs? Arguments: seconds (600). */
export async function hostileHttp([seconds = '600']: string[]): Promise<string> {
  const shows = await startTwoShows()
  try {
    const findings = newFindings()
    const watching: Watching = { answers: 0, wrong: [], ms: [] }
    const end = performance.now() + Number(seconds) * 1000
    const before = residentBytes(shows.pid)
    const repeat = async (act: () => Promise<void>) => {
      while (performance.now() < end && isAlive(shows.pid)) await act()
    }
    await Promise.all([
      ...attackers.flatMap(([attack, count]) =>
        Array.from({ length: count }, () => repeat(() => attack(shows, findings))),
      ),
      repeat(() => watchOpen(shows, watching)),
      repeat(() => watchPaid(shows, watching)),
    ])
    console.log(JSON.stringify(Object.fromEntries(findings.statuses)))
    for (const leak of findings.leaks.slice(0, 5)) console.log('leaked to', leak)
    for (const wrong of watching.wrong.slice(0, 5)) console.log('wrong', wrong)
    return figureTable([
      { name: 'hostile connections', value: findings.connections, unit: '' },
      { name: 'crashes of the edge', value: isAlive(shows.pid) ? 0 : 1, unit: '', atMost: 0 },
      { name: 'answers with bytes of the signed channel', value: findings.leaks.length, unit: '', atMost: 0 },
      { name: 'slow heads kept for over 15 s', value: findings.keptTooLong, unit: '', atMost: 0 },
      { name: 'answers to those who watch', value: watching.answers, unit: '' },
      {
        name: 'of them missing, or not just what was asked for',
        value: watching.wrong.length,
        unit: '',
        atMost: 0,
      },
      { name: 'the same, p99', value: quantile(watching.ms, 0.99), unit: 'ms' },
      { name: 'memory of the edge before', value: before / mebibyte, unit: 'MB' },
      { name: 'and after', value: residentBytes(shows.pid) / mebibyte, unit: 'MB' },
    ])
  } finally {
    await shows.stop()
  }
}

async function ask({ url, bodyOf }: TwoShows, target: string, path: string, watching: Watching) {
  const begin = performance.now()
  try {
    const response = await fetch(new URL(path, url), { signal: AbortSignal.timeout(5000) })
    const body = Buffer.from(await response.arrayBuffer())
    if (response.status !== 200 || !bodyOf(target)?.equals(body))
      watching.wrong.push(`${target}: ${response.status}, ${body.length} bytes`)
  } catch (error) {
    watching.wrong.push(`${target}: ${error}`)
  }
  watching.answers += 1
  watching.ms.push(performance.now() - begin)
}

async function watchOpen(shows: TwoShows, watching: Watching) {
  for (const target of shows.open) await ask(shows, target, target, watching)
  await delay(pollMs)
}

async function watchPaid(shows: TwoShows, watching: Watching) {
  const token = shows.tokenOf()
  for (const target of shows.signed)
    await ask(shows, target, target.replace('/live/', `/live/t/${token}/`), watching)
  await delay(pollMs)
}
