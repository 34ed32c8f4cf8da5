import { NowcastError } from '../../../core/process/errors.ts'
import { launchChromium } from '../../../test/kit/browser.ts'
import { keepResult } from '../../figures/result-file.ts'
import { mediaMtxVersion } from '../../stand/mediamtx.ts'
import { networkFigures } from './network-figures.ts'
import { type Measured, networkTables } from './network-tables.ts'
import { type NetworkRun, watchNetwork } from './network-viewer.ts'
import { type Profile, profiles } from './profiles.ts'
import { type Protocol, type Stage, startMediaMtxStage, startNowcastStage } from './stages.ts'

/**
 * Players that can watch. `page` is the watch page with only its requests to the edge through the link;
 * `visit` is the watch page with all of them through the link.
 */
const players = ['page', 'hlsjs', 'shaka', 'visit', 'mediamtx'] as const
type Player = (typeof players)[number]

/**
 * Measures viewers in Chromium behind an emulated link, one after another. Arguments: profile or `all`, runs
 * (5), seconds (`-` for those of the profile), player or `all` (all but `visit`; MediaMTX only if it is on
 * the PATH), protocol (`h1`, or `h2` with TLS).
 *
 * @throws NowcastError when the profile, the player or the protocol is unknown
 */
export async function networks([
  name = 'all',
  runs = '5',
  seconds = '-',
  player = 'all',
  protocol = 'h1',
]: string[]) {
  const chosen = Object.entries(profiles).filter(([each]) => name === 'all' || each === name)
  if (chosen.length === 0) throw badArgument('profile', Object.keys(profiles))
  if (player !== 'all' && !players.includes(player as Player)) throw badArgument('player', players)
  if (!(Number(runs) >= 1)) throw new NowcastError('bad_settings', `not a number of runs: ${runs}`)
  if (protocol !== 'h1' && protocol !== 'h2') throw badArgument('protocol', ['h1', 'h2'])
  const all = players.filter((each) => each !== 'mediamtx' || mediaMtxVersion() !== undefined)
  const watching = player === 'all' ? all.filter((each) => each !== 'visit') : [player as Player]
  const measured: Measured[] = []
  for (const source of ['hd', 'challenge'] as const)
    for (const group of [
      watching.filter((each) => each !== 'mediamtx'),
      watching.filter((each) => each === 'mediamtx'),
    ]) {
      const here = chosen.filter(([, profile]) => profile.source === source)
      if (here.length === 0 || group.length === 0) continue
      const stage = await startStage(source, group, protocol)
      try {
        measured.push(...(await measure(stage, here, { players: group, runs: Number(runs), seconds })))
      } finally {
        await stage.stop()
      }
    }
  const order = Object.keys(profiles)
  measured.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
  const file = [
    'networks',
    ...[name, player].filter((each) => each !== 'all'),
    ...(protocol === 'h2' ? ['h2'] : []),
  ]
  return keepResult(
    file.join('-'),
    'Watching on networks',
    { figures: networkFigures(measured), table: networkTables(measured) },
    `medians of ${runs} viewers, ${protocol === 'h2' ? 'HTTP/2 with TLS' : 'HTTP/1.1'}; ${machineNote(measured)}`,
  )
}

const startStage = (source: Profile['source'], group: readonly Player[], protocol: Protocol) =>
  group.includes('mediamtx') ? startMediaMtxStage(source) : startNowcastStage(source, protocol)

interface Plan {
  players: readonly Player[]
  runs: number
  seconds: string
}

/** Runs all players on each profile, in turns, so that a busy machine affects all of them alike. */
async function measure(stage: Stage, chosen: readonly [string, Profile][], plan: Plan): Promise<Measured[]> {
  const measured: Measured[] = []
  const browser = await launchChromium()
  try {
    for (const [name, profile] of chosen) {
      const seconds = plan.seconds === '-' ? profile.seconds : Number(plan.seconds)
      const byPlayer = new Map(plan.players.map((player) => [player, [] as NetworkRun[]]))
      for (let seed = 1; seed <= plan.runs; seed++)
        for (const [player, runs] of byPlayer) {
          await stage.ready()
          const run = await watchNetwork(browser, { stage, player, profile, seconds, seed })
          console.log(JSON.stringify({ profile: name, player, ...run }))
          runs.push(run)
        }
      for (const [player, runs] of byPlayer)
        measured.push({ name, profile, player, runs, ladder: stage.ladder })
    }
  } finally {
    await browser.close()
  }
  return measured
}

/** Returns a note on the CPU usage of the machine that says whether it limited the viewers. */
function machineNote(measured: readonly Measured[]): string {
  const busiest = Math.max(...measured.flatMap(({ runs }) => runs.map(({ busy }) => busy)))
  const text = `CPU of the machine in use: at most ${Math.round(busiest * 100)} % in a run`
  return busiest > 0.9 ? `${text}, so the machine limited what was measured` : text
}

const badArgument = (what: string, allowed: readonly string[]) =>
  new NowcastError('bad_settings', `the ${what} is one of ${allowed.join(', ')}`)
