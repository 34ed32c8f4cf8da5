import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, ProblemError } from '../../client/src/index.ts'
import { curlPrelude } from '../kit/http/curl.ts'
import { samplePng } from '../kit/manager/sample-slates.ts'
import { adminToken, startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { startRedis, type TestRedis } from '../kit/redis.ts'
import { root } from '../kit/root.ts'
import { makeTempDir, type TempDir } from '../kit/temp-dir.ts'

const run = promisify(execFile)

let server: TestRedis
let manager: TestManager
let directory: TempDir
let url: string

beforeAll(async () => {
  directory = makeTempDir()
  server = await startRedis()
  manager = await startTestManager(server.url)
  url = await manager.app.listen({ port: 0, host: '127.0.0.1' })
})
afterAll(async () => {
  await manager?.close()
  await server?.stop()
  directory?.remove()
})

/** Returns the code blocks of a document in a language, for the manager of this test. */
function blocksOf(document: string, language: string): string[] {
  const text = readFileSync(join(root, document), 'utf8')
  const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))
  return [...blocks].map(([, code = '']) => code.replaceAll('http://127.0.0.1:8080', url))
}

test('the commands in docs/api.md succeed in their order', async () => {
  mkdirSync(join(directory.path, 'data/secrets'), { recursive: true })
  writeFileSync(join(directory.path, 'data/secrets/admin-token'), adminToken)
  writeFileSync(join(directory.path, 'slate.png'), samplePng())
  const blocks = blocksOf('docs/api.md', 'sh')
  expect(blocks.length).toBeGreaterThan(3)
  const { stdout } = await run('sh', ['-c', curlPrelude + blocks.join('\n')], { cwd: directory.path })
  expect(stdout).toContain('"slug":"show"')
  expect(stdout.match(/"slug":"gala"/g)).toHaveLength(2)
  expect(stdout).toContain('"title":"The Show"')
  expect(stdout).toContain('"mediaType":"image/png"')
})

test('the examples of the client run', async () => {
  const blocks = blocksOf('client/README.md', 'ts')
  expect(blocks).toHaveLength(2)
  await manager.createChannel('show')
  const outputs: string[] = []
  for (const [index, block] of blocks.entries()) {
    const path = join(directory.path, `example-${index}.mts`)
    writeFileSync(path, block.replaceAll('@nowcast/client', join(root, 'client/src/index.ts')))
    const { stdout } = await run(process.execPath, [path], { env: { ...process.env, TOKEN: adminToken } })
    outputs.push(stdout)
  }
  expect(outputs[0]).toMatch(/^Publish to rtmp:\S+ with the key sk_\S{22}\n/)
  expect(outputs[0]).toContain('client-show is not live')
  expect((await manager.get<{ title: string }>('/v1/channels/show')).body.title).toMatch(/!$/)
})

test('a repeated call of the client changes nothing, and a refused one has the code of the problem', async () => {
  const client = createClient({ url, token: adminToken })
  const create = () =>
    client.send('POST /v1/channels', { body: { slug: 'once' }, idempotencyKey: 'key', requestId: 'job-1' })
  const [first, again] = [await create(), await create()]
  expect([first.isReplayed, again.isReplayed, again.requestId]).toEqual([false, true, 'job-1'])
  expect(again.body).toEqual(first.body)
  const lines = manager
    .logged()
    .split('\n')
    .filter((line) => line.includes('"requestId":"job-1"'))
  expect(lines.map((line) => JSON.parse(line).msg)).toContain('channel created')
  const refused = await client.call('POST /v1/channels', { body: { slug: 'once' } }).catch((error) => error)
  expect(refused).toBeInstanceOf(ProblemError)
  expect(refused).toMatchObject({ code: 'slug_taken', status: 409, problem: { field: 'slug' } })
})
