import { accessSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../kit/root.ts'
import { readSettingCalls, type SettingCall } from '../kit/setting-calls.ts'
import { readTree } from '../kit/tree/source-tree.ts'

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const readme = read('README.md')

/** Returns the defaults in the settings tables of a document, by name of the setting. */
const settingRows = (document: string) =>
  new Map(
    [...document.matchAll(/^\| `((?:NOWCAST|REDIS|DATABASE)_\w+)` \| ([^|]*) \|/gm)].map(
      ([, name = '', text = '']) => [name, text.trim()],
    ),
  )
const rows = settingRows(read('docs/settings.md'))
const calls = readSettingCalls()

test('docs/settings.md lists each setting that a program reads, and no other', () => {
  expect([...rows.keys()].sort()).toEqual([...new Set(calls.map(({ variable }) => variable))].sort())
})

test('docs/settings.md has the defaults of the programs', () => {
  const wrong = calls.filter(({ variable, fallback }) => !hasDefault(rows.get(variable), fallback))
  expect(wrong).toEqual([])
})

function hasDefault(text: string | undefined, fallback: SettingCall['fallback']): boolean {
  return fallback === undefined || text?.includes(`\`${fallback}\``) === true
}

test('the README has ten of the settings, with the same defaults', () => {
  const few = settingRows(readme)
  expect(few.size).toBe(10)
  for (const [name, text] of few) expect([name, text]).toEqual([name, rows.get(name)])
})

test('the README has each command of package.json and each role', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: object }
  const commands = Object.keys(scripts).filter((name) => name !== 'format')
  for (const name of commands) expect(readme).toMatch(new RegExp(`\\| \`npm (run )?${name}\` \\|`))
  expect(readme).toContain('npx nowcast ingest\\|transcoder\\|edge\\|manager')
})

const documents = readTree().filter(({ path }) => path.endsWith('.md'))

test('links in documents lead to existing files', () => {
  expect(documents.length).toBeGreaterThan(20)
  for (const { path, text } of documents)
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g))
      expect(() => accessSync(join(root, path, '..', target)), `${path}: ${target}`).not.toThrow()
})

test('links in documents lead to existing headings', () => {
  const headings = new Map(documents.map(({ path, text }) => [path, anchorsOf(text)]))
  for (const { path, text } of documents)
    for (const [, file = '', anchor = ''] of text.matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)) {
      const target = file === '' ? path : join(path, '..', file)
      expect(headings.get(target), `${path}: ${file}#${anchor}`).toContain(anchor)
    }
})

/** Returns the anchors of a document's headings, as GitHub derives them from the text. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}
