import { expect, test } from 'vitest'
import { networkFigures } from './network-figures.ts'
import { type Measured, networkTables } from './network-tables.ts'
import type { NetworkRun } from './network-viewer.ts'
import { profiles } from './profiles.ts'
import { noPicture } from './view-figures.ts'

const run: NetworkRun = {
  ...noPicture(6),
  joinMs: 900,
  topMs: 0,
  stalledShare: 0.001,
  stalls: 1,
  longestStallMs: 300,
  score: 0.8,
  ageP50Ms: 2000,
  ageP95Ms: 2500,
  busy: 0.5,
  droppedShare: 0,
  reloads: 0,
  refusals: 0,
  errors: [],
  link: { connections: 1, downBytes: 0, upBytes: 0, lost: { random: 0, overflow: 0 } },
}

function measured(name: string, player: string, runs: Partial<NetworkRun>[]): Measured {
  const profile = profiles[name]
  if (profile === undefined) throw new Error(`no profile ${name}`)
  return { name, profile, player, ladder: [], runs: runs.map((each) => ({ ...run, ...each })) }
}

test('the tables have the medians of the runs, and compare them with what must be reached', () => {
  const text = networkTables([measured('4g', 'page', [{ joinMs: 5000 }, {}, { stalledShare: 0 }])])
  expect(text).toContain('| 4g | page | 0.90 s | 0.00 s | 0.1 % | 1, 0.30 s | 2.00 s |')
  expect(text).toContain('| 4g | join | 0.90 s | ≤ 1.00 s | holds |')
  expect(text).toContain('| 4g | age p50 | 2.00 s | ≤ 1.80 s | missed |')
})

test('a run without a picture is as bad as can be', () => {
  const text = networkTables([measured('4g', 'page', [noPicture(3)])])
  expect(text).toContain('| 4g | join | never | ≤ 1.00 s | missed |')
})

test('on the profiles of the challenge, the score must be above those of the other players', () => {
  const scores = (ours: number) =>
    networkTables([
      measured('spike', 'page', [{ score: ours }]),
      measured('spike', 'hlsjs', [{ score: 0.7 }]),
      measured('spike', 'shaka', [{ score: 0.5 }]),
    ])
  expect(scores(0.8)).toContain('| spike | score | 0.800 | > 0.700 | holds |')
  expect(scores(0.6)).toContain('| spike | score | 0.600 | > 0.700 | missed |')
})

test('figures have their repeats, and those of the watch page the maximums of the network', () => {
  const figures = networkFigures([
    measured('4g', 'page', [{ joinMs: 5000 }, {}, {}]),
    measured('4g', 'shaka', [{ joinMs: 700 }]),
  ])
  const find = (name: string) => figures.find((each) => each.name === name)
  expect(find('4g, page: join')).toEqual({
    ...{ name: '4g, page: join', unit: 'ms', value: 900, repeats: [5000, 900, 900] },
    ...{ better: 'lower', atMost: 1000 },
  })
  expect(find('4g, page: score')).toMatchObject({ value: 0.8, better: 'higher' })
  expect(find('4g, shaka: join')).toEqual({ name: '4g, shaka: join', unit: 'ms', value: 700, repeats: [700] })
})
