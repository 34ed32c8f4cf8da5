import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChannelView } from '../../core/api/channel.ts'
import type { ProblemBody } from '../../core/api/problem.ts'
import { hashStreamKey } from '../../core/contracts/ids.ts'
import { createPublishGrants } from '../../core/contracts/publish-grants.ts'
import { maxSlateBytes, slatePath } from '../../core/contracts/slate-file.ts'
import { deriveClusterKeys } from '../../core/process/cluster-keys.ts'
import type { Redis } from '../../core/process/redis.ts'
import { sampleJpeg, sampleMp4, samplePng } from '../kit/manager/sample-slates.ts'
import { adminToken, clusterSecret, startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { connectToRedis, startRedis, type TestRedis } from '../kit/redis.ts'
import { makeTempDir } from '../kit/temp-dir.ts'

let server: TestRedis
let redis: Redis
let manager: TestManager

beforeAll(async () => {
  server = await startRedis()
  redis = await connectToRedis(server.url)
  manager = await startTestManager(server.url)
})
afterAll(async () => {
  const logged = manager?.logged() ?? ''
  await manager?.close()
  redis?.disconnect()
  await server?.stop()
  expect(logged).not.toContain('"level":"error"')
})

const { sourceKey } = deriveClusterKeys(clusterSecret)
const sha256Of = (file: Buffer) => createHash('sha256').update(file).digest('hex')
const urlOf = (slug: string) => `/v1/channels/${slug}/slate`

const put = <Body = ChannelView>(slug: string, file: Buffer | string, type: string) =>
  manager.call<Body>('PUT', urlOf(slug), file, { 'content-type': type })

/** Gets a slate as a transcoder does. */
const download = (sha256: string, key = sourceKey) =>
  manager.get(slatePath(sha256), { authorization: `Bearer ${key}` })

const grantOf = (streamKey: string) => createPublishGrants(redis).find(hashStreamKey(streamKey))

test('a slate is set, read, replaced and removed, also for ingests', async () => {
  const { streamKey, slate: none } = await manager.createChannel('show')
  expect(none).toBeNull()
  const [picture, clip] = [samplePng(), sampleMp4()]
  const slate = { sha256: sha256Of(picture), mediaType: 'image/png', bytes: picture.length }
  const first = await put('show', picture, 'image/png')
  expect([first.status, first.body.slate]).toEqual([200, slate])
  expect((await manager.get('/v1/channels/show')).body).toEqual(first.body)
  expect(await grantOf(streamKey)).toMatchObject({ slug: 'show', slate: slate.sha256 })
  const file = await manager.get(urlOf('show'))
  expect([file.status, file.headers['content-type']]).toEqual([200, 'image/png'])
  expect(file.bytes).toEqual(picture)

  const second = await put('show', clip, 'Video/MP4; codecs="avc1"')
  expect(second.body.slate).toEqual({ sha256: sha256Of(clip), mediaType: 'video/mp4', bytes: clip.length })
  expect(await grantOf(streamKey)).toMatchObject({ slate: sha256Of(clip) })
  expect((await download(slate.sha256)).status).toBe(404)

  // Clients that always send this type may send it without a body.
  const removed = await manager.call('DELETE', urlOf('show'), '')
  expect([removed.status, removed.text]).toEqual([204, ''])
  expect((await manager.get<ChannelView>('/v1/channels/show')).body.slate).toBeNull()
  expect(await grantOf(streamKey)).not.toHaveProperty('slate')
  for (const { status, body } of [
    await manager.get<ProblemBody>(urlOf('show')),
    await manager.delete<ProblemBody>(urlOf('show')),
  ])
    expect([status, body.code]).toEqual([404, 'slate_not_found'])
})

test('transcoders read a slate with the key of the cluster', async () => {
  await manager.createChannel('internal')
  const picture = sampleJpeg()
  await put('internal', picture, 'image/jpeg')
  const { status, headers, bytes } = await download(sha256Of(picture))
  expect([status, headers['content-type'], headers['content-length']]).toEqual([
    200,
    'image/jpeg',
    String(picture.length),
  ])
  expect(bytes).toEqual(picture)
  for (const key of ['', adminToken, `${sourceKey}x`]) {
    const refused = await download(sha256Of(picture), key)
    expect([refused.status, refused.text]).toEqual([401, 'unauthorized\n'])
  }
  for (const unknown of ['0'.repeat(64), 'x', '%00']) {
    expect((await download(unknown)).status).toBe(404)
    expect((await download(unknown, '')).status).toBe(401)
  }
})

test('the file of a deleted channel is gone', async () => {
  for (const slug of ['one', 'two']) {
    await manager.createChannel(slug)
    await put(slug, samplePng(77, 77), 'image/png')
  }
  const sha256 = sha256Of(samplePng(77, 77))
  await manager.delete('/v1/channels/one')
  expect((await download(sha256)).status).toBe(200)
  await manager.delete('/v1/channels/two')
  expect((await download(sha256)).status).toBe(404)
})

test.each([
  ['another media type', 'image/gif', samplePng(), 415, 'image/png, image/jpeg, video/mp4, video/webm'],
  ['JSON', 'application/json', '{}', 415, 'image/png, image/jpeg, video/mp4, video/webm'],
  ['no media type', 'x', samplePng(), 415, 'image/png, image/jpeg, video/mp4, video/webm'],
  ['a file beyond the limit', 'image/png', Buffer.alloc(maxSlateBytes + 1), 413, 'at most 8 MiB'],
  ['an empty file', 'image/png', Buffer.alloc(0), 400, 'The body is empty'],
  ['another kind of file', 'image/png', sampleJpeg(), 400, 'send it as image/jpeg'],
  ['a clip without fast start', 'video/mp4', sampleMp4({ isFast: false }), 400, '"fast start"'],
] as const)('refuses %s, and keeps the slate', async (what, type, file, expected, detail) => {
  const slug = what.replaceAll(' ', '-')
  await manager.createChannel(slug)
  const { slate } = (await put(slug, samplePng(), 'image/png')).body
  const { status, headers, body } = await put<ProblemBody>(slug, file, type)
  expect([status, headers['content-type']]).toEqual([expected, 'application/problem+json; charset=utf-8'])
  expect(body.detail).toContain(detail)
  expect((await manager.get<ChannelView>(`/v1/channels/${slug}`)).body.slate).toEqual(slate)
})

test('a file of exactly the limit is stored', async () => {
  await manager.createChannel('large')
  const file = Buffer.concat([samplePng(), Buffer.alloc(maxSlateBytes)]).subarray(0, maxSlateBytes)
  expect((await put('large', file, 'image/png')).body.slate?.bytes).toBe(maxSlateBytes)
  expect((await download(sha256Of(file))).bytes.equals(file)).toBe(true)
})

test('a body without a length ends at the limit too', async () => {
  await manager.createChannel('endless')
  const { statusCode } = await manager.app.inject({
    method: 'PUT',
    url: urlOf('endless'),
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'video/webm' },
    payload: Readable.from(Array.from({ length: 9 }, () => Buffer.alloc(1024 * 1024))),
  })
  expect(statusCode).toBe(413)
})

test('an unknown channel has no slate', async () => {
  for (const { status, body } of [
    await put<ProblemBody>('unknown', samplePng(), 'image/png'),
    await manager.get<ProblemBody>(urlOf('unknown')),
    await manager.delete<ProblemBody>(urlOf('unknown')),
  ])
    expect([status, body.code]).toEqual([404, 'channel_not_found'])
})

test('other calls still refuse pictures', async () => {
  const headers = { 'content-type': 'image/png' }
  for (const url of ['/v1/channels', '/v1/channels/show/stream-key'])
    expect((await manager.post<ProblemBody>(url, samplePng(), headers)).body).toMatchObject({
      code: 'unsupported_media_type',
      detail: 'The request body must be JSON',
    })
})

test('accepts pictures and clips that ffmpeg wrote', async () => {
  await manager.createChannel('real')
  const dir = makeTempDir()
  const files = [
    ['image/png', 'slate.png', '-frames:v', '1'],
    ['image/jpeg', 'slate.jpg', '-frames:v', '1'],
    ['video/mp4', 'slate.mp4', '-t', '1', '-c:v', 'libx264', '-movflags', '+faststart'],
    ['video/webm', 'slate.webm', '-t', '1', '-c:v', 'libvpx'],
  ]
  for (const [type = '', name = '', ...args] of files) {
    const path = join(dir.path, name)
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=160x90:rate=10', ...args, path])
    const { status, text } = await put('real', readFileSync(path), type)
    expect([type, status, text]).toEqual([type, 200, expect.any(String)])
  }
  dir.remove()
})
