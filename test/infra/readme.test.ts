import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSettingCalls, type SettingCall } from '../kit/setting-calls.ts'
import { root } from '../kit/tree/source-tree.ts'

const readme = readFileSync(join(root, 'README.md'), 'utf8')

/** Rows of the settings table: name and default. */
const rows = new Map(
  [...readme.matchAll(/^\| `((?:NOWCAST|REDIS|DATABASE)_\w+)` \| ([^|]*) \|/gm)].map(
    ([, name = '', text = '']) => [name, text.trim()],
  ),
)
const calls = readSettingCalls()

test('the README lists each setting that a program reads, and no other', () => {
  expect([...rows.keys()].sort()).toEqual([...new Set(calls.map(({ variable }) => variable))].sort())
})

test('the README has the defaults of the programs', () => {
  const wrong = calls.filter(({ variable, fallback }) => !hasDefault(rows.get(variable), fallback))
  expect(wrong).toEqual([])
})

function hasDefault(text: string | undefined, fallback: SettingCall['fallback']): boolean {
  return fallback === undefined || text?.includes(`\`${fallback}\``) === true
}

test('the README has each command of package.json and each role', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }
  const commands = Object.keys(scripts).filter((name) => name !== 'format')
  for (const name of commands) expect(readme).toMatch(new RegExp(`\\| \`npm (run )?${name}\` \\|`))
  expect(readme).toContain('npx nowcast ingest\\|transcoder\\|edge\\|manager')
})

test('links in documents lead to existing files', () => {
  for (const file of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs/operations.md']) {
    const text = readFileSync(join(root, file), 'utf8')
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g))
      expect(() => readFileSync(join(root, file, '..', target))).not.toThrow()
  }
})
