import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readCurve } from '../../spike/curves/curve.ts'
import { planViewers } from '../../spike/curves/plan.ts'
import { figuresOf, phasesOf } from './artillery.ts'

test('a curve is one phase for each second, with pauses where no viewer arrives', () => {
  const options = { viewers: 1000, seed: 1, gatherMs: 2000, settleMs: 2000 }
  const phases = phasesOf(planViewers(readCurve('idol'), options))
  expect(phases).toHaveLength(14)
  expect(phases.slice(0, 4)).toEqual([
    { duration: 1, arrivalRate: 50 },
    { duration: 1, arrivalRate: 50 },
    { pause: 1 },
    { pause: 1 },
  ])
  const rates = phases.map((phase) => ('arrivalRate' in phase ? phase.arrivalRate : 0))
  expect(rates.reduce((sum, rate) => sum + rate)).toBe(1000)
  expect(Math.max(...rates)).toBe(rates[4])
})

test('the lock file has the version of package.json, hashes of all packages, and no hosts', () => {
  const read = (file: string) => JSON.parse(readFileSync(`bench/artillery/${file}`, 'utf8'))
  const [{ dependencies }, { packages }] = [read('package.json'), read('package-lock.json')]
  const { '': root, ...others } = packages as Record<string, Record<string, unknown>>
  expect(root?.dependencies).toEqual(dependencies)
  expect(others['node_modules/artillery']?.version).toBe(dependencies.artillery)
  for (const each of Object.values(others)) {
    expect(each.integrity).toMatch(/^sha512-/)
    expect(each.resolved).toBeUndefined()
  }
})

test('the figures of a run are its percentiles and counts', () => {
  const percentiles = { p50: 207, p95: 284, p99: 284 }
  const figures = figuresOf({
    counters: { 'viewer.joined': 10, 'viewer.faults': 0, 'vusers.created_by_name.hls.js': 8 },
    summaries: { 'viewer.join_ms': percentiles, 'vusers.session_length': percentiles },
  })
  expect(figures).toEqual([
    { name: 'viewer.join_ms, p50', value: 207, unit: '', better: 'lower' },
    { name: 'viewer.join_ms, p95', value: 284, unit: '', better: 'lower' },
    { name: 'viewer.join_ms, p99', value: 284, unit: '', better: 'lower' },
    { name: 'viewer.joined', value: 10, unit: '' },
    { name: 'viewer.faults', value: 0, unit: '', atMost: 0 },
  ])
})
