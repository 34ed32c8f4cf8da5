import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { figuresJson } from '../../figures/figure-file.ts'
import { keptFigures } from '../run/kept-figures.ts'
import { type CampaignResult, evaluate } from './campaign-result.ts'
import { reportPage } from './page.ts'
import { type CampaignRecord, readRecord, writeRecord } from './record.ts'

/** Conditions of a campaign, in a line. */
export const conditionsOf = ({ curve, seed, scale }: Pick<CampaignResult, 'curve' | 'seed' | 'scale'>) =>
  `curve ${curve.name}, seed ${seed}; servers on ${scale.coreShare} of one core, viewers on another`

/**
 * Writes the record of a campaign to a folder, with `index.html` and `figures.json` made from it. Returns the
 * path of the page.
 */
export function writeReport(folder: string, record: CampaignRecord): string {
  writeRecord(folder, record)
  return writePage(folder, evaluate(record))
}

/**
 * Makes the page of a recorded campaign again. Returns its path.
 * @throws NowcastError `bad_settings` when the folder has no campaign
 */
export const rewriteReport = (folder: string): string => writePage(folder, evaluate(readRecord(folder)))

function writePage(folder: string, campaign: CampaignResult): string {
  const page = join(folder, 'index.html')
  writeFileSync(page, reportPage(campaign))
  const figures = keptFigures(campaign.knees, campaign.same)
  const conditions = conditionsOf(campaign)
  writeFileSync(join(folder, 'figures.json'), figuresJson({ suite: 'spike', conditions, figures }))
  return resolve(page)
}
