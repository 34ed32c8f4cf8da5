import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createExclusively, replaceFile } from './exclusive-file.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'nowcast-exclusive-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const inDir = () => readdirSync(dir)

/** Runs `createExclusively` for `path` in a process that may write at most `blocks` blocks into a file. */
function createInProcess(path: string, content: string, blocks: string) {
  const script = `import { createExclusively } from ${JSON.stringify(`${import.meta.dirname}/exclusive-file.ts`)}
createExclusively(process.argv[1], process.argv[2])`
  const command = 'ulimit -f "$1"; exec "$2" --input-type=module -e "$3" "$4" "$5"'
  return spawnSync('bash', ['-c', command, '-', blocks, process.execPath, script, path, content])
}

test('the first content stays, with mode 0600 and without drafts', () => {
  const path = join(dir, 'key')
  expect(createExclusively(path, 'first')).toBe(true)
  expect(createExclusively(path, 'second')).toBe(false)
  expect(readFileSync(path, 'utf8')).toBe('first')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(inDir()).toEqual(['key'])
})

test('a write that fails in the middle leaves no file of that name, so the next start can create it', () => {
  const path = join(dir, 'key')
  const content = 'k'.repeat(100_000)
  expect(createInProcess(path, content, '8').status).not.toBe(0)
  expect(inDir()).not.toContain('key')
  expect(createInProcess(path, content, 'unlimited').status).toBe(0)
  expect(readFileSync(path, 'utf8')).toBe(content)
})

test('a file is replaced as a whole', () => {
  const path = join(dir, 'key')
  replaceFile(path, 'a long first content')
  replaceFile(path, 'second')
  expect(readFileSync(path, 'utf8')).toBe('second')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(inDir()).toEqual(['key'])
})
