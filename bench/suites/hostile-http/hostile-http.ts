import { setTimeout as delay } from 'node:timers/promises'
import { resultOf, type SuiteResult } from '../../figures/figure-file.ts'
import { residentBytes } from '../../figures/process-figures.ts'
import { quantile } from '../../figures/statistics.ts'
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
import { silentCrowds } from './silent-crowds.ts'
import { startTwoChannels, type TwoChannels } from './two-channels.ts'

/** Attacks, each with the number of copies that run at the same time. */
const attackers: readonly [Attack, number][] = [
  [sendOdd, 12],
  [smuggle, 4],
  [trickPath, 4],
  [forgeToken, 4],
  [sendHuge, 2],
  [sendSlowly, 50],
]
/** Time between the rounds of a viewer's requests, ms. */
const pollMs = 50
const mebibyte = 2 ** 20

interface ViewerResults {
  responses: number
  wrong: string[]
  ms: number[]
}

/**
 * Attacks an edge that serves an open and a signed channel with hostile HTTP. Measures whether the edge
 * survives, viewers receive what they request, and nothing of the signed channel is leaked. Beside that,
 * crowds of silent and slow clients keep connections to this edge and to one with TLS. Arguments: seconds
 * (600).
 */
export async function hostileHttp([seconds = '600']: string[]): Promise<SuiteResult> {
  const channels = await startTwoChannels()
  try {
    const findings = newFindings()
    const viewers: ViewerResults = { responses: 0, wrong: [], ms: [] }
    const end = performance.now() + Number(seconds) * 1000
    // One for all requests: with each token, a new viewer would come, who may be refused under overload.
    const token = channels.tokenOf()
    const before = residentBytes(channels.pid)
    // Not `isAlive`: it would stop this process, in which the viewers are, for each attack.
    let hasCrashed = false
    void channels.exited.then(() => {
      hasCrashed = true
    })
    const repeat = async (act: () => Promise<void>) => {
      while (performance.now() < end && !hasCrashed) await act()
    }
    const [crowdFigures] = await Promise.all([
      silentCrowds(Number(channels.url.port), Number(seconds)),
      ...attackers.flatMap(([attack, count]) =>
        Array.from({ length: count }, () => repeat(() => attack(channels, findings))),
      ),
      repeat(() => watchOpen(channels, viewers)),
      repeat(() => watchSigned(channels, token, viewers)),
    ])
    console.log(JSON.stringify(Object.fromEntries(findings.statuses)))
    for (const leak of findings.leaks.slice(0, 5)) console.log('leaked to', leak)
    for (const wrong of viewers.wrong.slice(0, 5)) console.log('wrong', wrong)
    return resultOf([
      { name: 'hostile connections', value: findings.connections, unit: '' },
      { name: 'crashes of the edge', value: hasCrashed ? 1 : 0, unit: '', atMost: 0 },
      {
        name: 'responses with bytes of the signed channel',
        value: findings.leaks.length,
        unit: '',
        atMost: 0,
      },
      { name: 'slow heads kept for over 15 s', value: findings.keptTooLong, unit: '', atMost: 0 },
      { name: 'responses to those who watch', value: viewers.responses, unit: '' },
      {
        name: 'of them missing, or not just what was asked for',
        value: viewers.wrong.length,
        unit: '',
        atMost: 0,
      },
      { name: 'the same, p99', value: quantile(viewers.ms, 0.99), unit: 'ms' },
      ...crowdFigures,
      { name: 'memory of the edge before', value: before / mebibyte, unit: 'MB' },
      { name: 'and after', value: residentBytes(channels.pid) / mebibyte, unit: 'MB' },
    ])
  } finally {
    await channels.stop()
  }
}

/**
 * Requests `path`, which is `target` with or without a token. Any body but that of `target` is recorded as
 * wrong.
 */
async function view({ url, bodyOf }: TwoChannels, target: string, path: string, results: ViewerResults) {
  const begin = performance.now()
  try {
    const response = await fetch(new URL(path, url), { signal: AbortSignal.timeout(5000) })
    const body = Buffer.from(await response.arrayBuffer())
    if (response.status !== 200 || !bodyOf(target)?.equals(body))
      results.wrong.push(`${target}: ${response.status}, ${body.length} bytes`)
  } catch (error) {
    results.wrong.push(`${target}: ${error}`)
  }
  results.responses += 1
  results.ms.push(performance.now() - begin)
}

async function watchOpen(channels: TwoChannels, results: ViewerResults) {
  for (const target of channels.open) await view(channels, target, target, results)
  await delay(pollMs)
}

async function watchSigned(channels: TwoChannels, token: string, results: ViewerResults) {
  for (const target of channels.signed)
    await view(channels, target, target.replace('/live/', `/live/t/${token}/`), results)
  await delay(pollMs)
}
