import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NowcastError } from '../../../core/process/errors.ts'
import { readNumber } from '../../figures/figure-file.ts'
import type { Architecture, Stand } from '../architectures/architecture.ts'
import type { Curve } from '../curves/curve.ts'
import type { CampaignScale, Purpose } from '../run/campaign.ts'
import type { GeneratorCeiling } from '../run/generator-ceiling.ts'
import type { RunResult } from '../run/result.ts'

/** A run that was made, and for what. */
export interface ReportedRun {
  purpose: Purpose
  result: RunResult
}

/** All that a report is made from. */
export interface CampaignRecord {
  command: string
  /** ISO 8601. */
  startedAt: string
  seed: number
  scale: CampaignScale
  /** What the generator bore before the runs. */
  ceilings: readonly GeneratorCeiling[]
  curve: Curve
  /** Architectures that were measured, with the configurations of their servers by name. */
  architectures: readonly { architecture: Architecture; configs: Stand['configs'] }[]
  /** Architectures that could not be measured, and why. */
  absent: readonly { id: string; reason: string }[]
  /** Architecture with which the noise, the other curves and the model were measured. */
  ours: string | undefined
  environment: readonly (readonly [name: string, value: string])[]
  /** In their order. */
  runs: readonly ReportedRun[]
}

/** Number of figures after the comma, so that files stay small. */
const digits = 3

/** JSON has no number for what never happened. */
const writeNumber = (_: string, value: unknown) =>
  typeof value !== 'number' ? value : Number.isFinite(value) ? Number(value.toFixed(digits)) : `${value}`

/** Writes the record of a campaign to a folder: `campaign.json`, `runs.ndjson` and `configs/`. */
export function writeRecord(folder: string, { runs, ...campaign }: CampaignRecord): void {
  const configs = join(folder, 'configs')
  mkdirSync(configs, { recursive: true })
  const lines = runs.map(({ purpose, result }) => JSON.stringify({ purpose, ...result }, writeNumber))
  writeFileSync(join(folder, 'runs.ndjson'), lines.map((line) => `${line}\n`).join(''))
  writeFileSync(join(folder, 'campaign.json'), `${JSON.stringify(campaign, writeNumber, 2)}\n`)
  for (const { architecture, configs: texts } of campaign.architectures)
    for (const [name, text] of Object.entries(texts))
      writeFileSync(join(configs, `${architecture.id}-${name.replaceAll(' ', '-')}.txt`), `${text}\n`)
}

/**
 * Reads what `writeRecord` wrote.
 * @throws NowcastError `bad_settings` when the folder has no such files
 */
export function readRecord(folder: string): CampaignRecord {
  try {
    const read = (file: string) => readFileSync(join(folder, file), 'utf8')
    const runs = read('runs.ndjson')
      .split('\n')
      .filter((line) => line !== '')
      .map((line): ReportedRun => {
        const { purpose, ...result } = JSON.parse(line, readNumber)
        return { purpose, result }
      })
    return { ...JSON.parse(read('campaign.json'), readNumber), runs }
  } catch (error) {
    throw new NowcastError('bad_settings', `cannot read a campaign: ${(error as Error).message}`)
  }
}
