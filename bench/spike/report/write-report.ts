import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type CampaignResult, reportPage } from './page.ts'

/** Number of figures after the comma in raw data, so that files stay small. */
const digits = 3

/**
 * Writes `index.html`, `runs.ndjson` and the configurations to a folder. Returns the path of the page.
 */
export function writeReport(folder: string, campaign: CampaignResult): string {
  const configs = join(folder, 'configs')
  mkdirSync(configs, { recursive: true })
  const page = join(folder, 'index.html')
  writeFileSync(page, reportPage(campaign))
  const rounded = (_: string, value: unknown) =>
    typeof value === 'number' && Number.isFinite(value) ? Number(value.toFixed(digits)) : value
  const lines = campaign.runs.map(({ purpose, result }) => JSON.stringify({ purpose, ...result }, rounded))
  writeFileSync(join(folder, 'runs.ndjson'), `${lines.join('\n')}\n`)
  for (const { architecture, configs: texts } of campaign.knees)
    for (const [name, text] of Object.entries(texts))
      writeFileSync(join(configs, `${architecture.id}-${name.replaceAll(' ', '-')}.txt`), `${text}\n`)
  return resolve(page)
}
