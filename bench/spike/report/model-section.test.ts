import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Purpose } from '../run/campaign.ts'
import { evaluate } from './campaign-result.ts'
import { inputsFrom, modelSection } from './model-section.ts'
import { type ReportedRun, readRecord } from './record.ts'

const record = readRecord(join(import.meta.dirname, 'recorded'))

/** Returns a run like a recorded one, with other servers, another crowd and another use of CPU. */
function run(purpose: Purpose, architecture: string, viewers: number, serverCpu: number): ReportedRun {
  const known = record.runs.find(
    ({ result }) => result.architecture === 'c-edge' && result.isVoid === undefined,
  )
  if (known === undefined) throw new Error('no run was recorded')
  return { purpose, result: { ...known.result, architecture, viewers, serverCpu } }
}

/** Returns a campaign in which an edge needs 0.1 cores, 0.4 more per 1000 viewers, and `twice` for 2000. */
const campaign = (twice: number) =>
  evaluate({
    ...record,
    runs: [
      ...record.runs,
      run('model', 'c-edge', 250, 0.2),
      run('model', 'c-edge', 500, 0.3),
      run('model', 'c-edge', 1000, 0.52),
      run('model', 'c-edge', 2000, twice),
      run('model, not calibrated', 'd-shield', 250, 0.3),
    ],
  })

test('errors have their signs, and more than a fifth is not claimed', () => {
  const { predictions } = campaign(0.9)
  const cpu = predictions.filter(({ figure }) => figure === 'CPU, cores')
  expect(cpu.map(({ architecture, viewers }) => [architecture, viewers])).toEqual([
    ['c-edge', 1000],
    ['c-edge', 2000],
    ['d-shield', 250],
  ])
  const text = modelSection(campaign(0.9), predictions)
  expect(text).toContain(
    '<td>CPU, cores, c-edge, 1000 viewers</td><td>0.5</td><td>0.52</td><td>−4 %</td><td>claimed',
  )
  expect(text).toContain(
    '<td>CPU, cores, d-shield, 250 viewers</td><td>0.2</td><td>0.3</td><td>−33 %</td><td class="missed">',
  )
})

/** Returns where the hatched part of the chart begins. */
const hatchedFrom = (twice: number): number => {
  const measured = campaign(twice)
  const [, x] =
    /<rect x="([\d.]+)"[^>]*url\(#unmeasured\)/.exec(modelSection(measured, measured.predictions)) ?? []
  return Number(x)
}

test('the chart is hatched beyond the largest crowd for which the model is claimed', () => {
  expect(hatchedFrom(0.9)).toBeGreaterThan(hatchedFrom(2))
})

test('the model has the CPU of a further viewer, as it was calibrated', () => {
  expect(inputsFrom(campaign(0.9)).cpuPerViewer).toBeCloseTo(0.0004)
  expect(inputsFrom(evaluate(record)).cpuPerViewer).not.toBeCloseTo(0.0004, 6)
})

test('runs of the calibration that are void do not calibrate', () => {
  const measured = campaign(0.9)
  const runs = measured.runs.map((each) =>
    each.purpose === 'model' ? { ...each, result: { ...each.result, isVoid: 'late' } } : each,
  )
  expect(evaluate({ ...measured, runs }).predictions).toEqual([])
})
