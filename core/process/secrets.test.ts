import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTempDir } from '../../test/kit/temp-dir.ts'
import { readOrMakeSecret } from './secrets.ts'

let dir: ReturnType<typeof makeTempDir>
let path: string
beforeEach(() => {
  dir = makeTempDir()
  path = join(dir.path, 'secrets', 'cluster-secret')
})
afterEach(() => dir.remove())

test('a secret is made once, and only its owner can read it', () => {
  const secret = readOrMakeSecret(path)
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
  expect(readOrMakeSecret(path)).toBe(secret)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readdirSync(join(dir.path, 'secrets'))).toEqual(['cluster-secret'])
})

test('processes that start at the same time have the same secret', async () => {
  const module = new URL('./secrets.ts', import.meta.url).href
  const code = `process.stdout.write((await import('${module}')).readOrMakeSecret(process.argv[1]))`
  const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', code, path])
  const secrets = await Promise.all(Array.from({ length: 6 }, run))
  expect(new Set(secrets.map(({ stdout }) => stdout))).toEqual(new Set([readOrMakeSecret(path)]))
})

test.each(['', 'short\n', `${'x'.repeat(31)}\n`])('a file with %j is refused', (content) => {
  mkdirSync(join(dir.path, 'secrets'))
  writeFileSync(path, content)
  expect(() => readOrMakeSecret(path)).toThrow(/secret file .*less than 32 characters/)
})
