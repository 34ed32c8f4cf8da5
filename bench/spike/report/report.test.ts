import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeTempDir } from '../../../test/kit/temp-dir.ts'
import { evaluate } from './campaign-result.ts'
import { reportPage } from './page.ts'
import { readRecord } from './record.ts'
import { rewriteReport, writeReport } from './write-report.ts'

/** A campaign with small crowds, on a machine that was busy. */
const recorded = join(import.meta.dirname, 'recorded')
const record = readRecord(recorded)
const page = reportPage(evaluate(record))

test('the page needs no other file, and has nothing that could not be computed', () => {
  expect(page).not.toMatch(/<(?:link|img|iframe)\b|\bsrc=|url\((?!#)|@import/)
  expect(page).not.toMatch(/NaN|undefined|\[object/)
})

test('a section has a place for each thing that a reader needs to believe the figures', () => {
  const titles = [...page.matchAll(/<h2>([^<]+)<\/h2>/g)].map(([, title]) => title)
  expect(titles).toEqual([
    'What was expected before the run',
    'The crowd',
    'What a larger crowd changes',
    'The spike, second by second',
    'How fast newcomers joined',
    'Stalls of single viewers',
    'How late new playlists came',
    'Each architecture by itself',
    'Errors',
    'All figures, at the largest crowd that was served',
    'The same run again',
    'Low latency against classic HLS',
    'Beyond one machine',
    'The generator',
    'What went wrong, and runs that do not count',
    'All runs',
    'The set-up',
    'Limits',
    'Fairness',
    'Configurations',
    'Raw data',
  ])
})

test('pictures have names for those who do not see them', () => {
  const pictures = page.match(/<svg viewBox[^>]*>/g) ?? []
  expect(pictures.length).toBeGreaterThan(10)
  for (const picture of pictures) expect(picture).toMatch(/role="img" aria-label="[^"]+"/)
})

test('what was not measured is hatched and says so', () => {
  expect(page).toContain('fill="url(#unmeasured)"')
  expect(page.match(/<tr class="unmeasured"><td>10? [kM] viewers \(not measured\)/g)).toHaveLength(3)
})

test('a discarded run and an architecture that is absent are named with the reason', () => {
  const [first, ...others] = record.runs
  if (first === undefined) throw new Error('no run was recorded')
  const voided = { ...first, result: { ...first.result, isVoid: 'the arrivals were late' } }
  const absent = [{ id: 'b-nginx', reason: 'nginx is not installed' }]
  const text = reportPage(evaluate({ ...record, absent, runs: [voided, ...others] }))
  expect(text).toContain(': the arrivals were late')
  expect(text).toContain('b-nginx was not measured, or not wholly: nginx is not installed')
})

test('the knee of a second search is shown with that of the first', () => {
  const again = record.runs
    .filter(({ purpose, result }) => purpose === 'knee' && result.architecture === 'c-edge')
    .map(({ result }) => ({ purpose: 'knee again' as const, result }))
  expect(again.length).toBeGreaterThan(0)
  const text = reportPage(evaluate({ ...record, runs: [...record.runs, ...again] }))
  expect(text).toMatch(/The knee of c-edge, searched twice with the same seed: .* which differ by 0\.00 %/)
  expect(page).not.toContain('searched twice')
})

test('the report of a record is the same when it is made again from its files', () => {
  const { path, remove } = makeTempDir()
  onTestFinished(remove)
  const first = readFileSync(writeReport(path, record), 'utf8')
  expect(first).toBe(page)
  expect(readRecord(path)).toEqual(record)
  expect(readFileSync(rewriteReport(path), 'utf8')).toBe(first)
  expect(readdirSync(path).toSorted()).toEqual([
    ...['campaign.json', 'configs', 'figures.json', 'index.html', 'runs.ndjson'],
  ])
})

test('a folder without a campaign is refused', () => {
  expect(() => readRecord(import.meta.dirname)).toThrow('cannot read a campaign')
})
