import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newSessionId } from '../../core/contracts/ids.ts'
import { createDiskStore } from '../../transcoder/store/disk-store.ts'
import { createS3Store } from '../../transcoder/store/s3-store.ts'
import type { SegmentStore } from '../../transcoder/store/segment-store.ts'
import { indexKey, segmentKey } from '../../transcoder/store/store-key.ts'
import { type ObjectStore, startObjectStore } from '../kit/object-store.ts'
import { makeTempDir, type TempDir } from '../kit/temp-dir.ts'

let directory: TempDir
let objects: ObjectStore
beforeAll(async () => {
  directory = makeTempDir()
  objects = await startObjectStore()
})
afterAll(async () => {
  await objects?.stop()
  directory?.remove()
})

const signal = () => AbortSignal.timeout(10_000)
const s3 = (prefix: string, more = {}) =>
  createS3Store({ access: { ...objects.access, ...more }, bucket: objects.bucket, prefix, pageSize: 25 })
const place = (msn: number) => ({ rendition: '720p', epoch: 1, msn })

describe.each<[string, (name: string) => SegmentStore]>([
  ['disk', (name) => createDiskStore(join(directory.path, name))],
  ['S3', (name) => s3(`folder/${name}/`)],
])('a store on %s', (_, createStore) => {
  test('returns what was written, and lists and removes it', async () => {
    const store = createStore('all')
    const sessionId = newSessionId()
    const segment = segmentKey(sessionId, place(7))
    const index = indexKey(sessionId, 'i_one')
    const media = Buffer.alloc(3_000_000, 'media')
    await store.put(segment, [media.subarray(0, 1000), media.subarray(1000)], signal())
    await store.put(index, [Buffer.from('{}')], signal())
    await store.put(index, [Buffer.from('{"later":1}')], signal())
    expect((await store.get(segment, signal()))?.equals(media)).toBe(true)
    expect(String(await store.get(index, signal()))).toBe('{"later":1}')
    expect((await store.list(sessionId, signal())).toSorted()).toEqual([segment, index].toSorted())
    expect(await store.sessions(signal())).toEqual([sessionId])
    for (const key of [segment, index, index]) await store.remove(key, signal())
    await store.forget(sessionId)
    expect(await store.get(segment, signal())).toBeUndefined()
    expect(await store.list(sessionId, signal())).toEqual([])
    // SeaweedFS keeps an empty folder for a while.
    for (const each of await store.sessions(signal())) expect(await store.list(each, signal())).toEqual([])
  })

  test('has nothing before the first object', async () => {
    const store = createStore('empty')
    expect(await store.sessions(signal())).toEqual([])
    expect(await store.list(newSessionId(), signal())).toEqual([])
    expect(await store.get(segmentKey(newSessionId(), place(1)), signal())).toBeUndefined()
  })

  test('lists all objects of one session', async () => {
    const store = createStore('many')
    const [one, other] = [newSessionId(), newSessionId()]
    const keys = Array.from({ length: 60 }, (_, msn) => segmentKey(one, place(msn)))
    await Promise.all(keys.map((key) => store.put(key, [Buffer.from('x')], signal())))
    await store.put(segmentKey(other, place(1)), [Buffer.from('x')], signal())
    expect(new Set(await store.list(one, signal()))).toEqual(new Set(keys))
    expect(new Set(await store.sessions(signal()))).toEqual(new Set([one, other]))
  })
})

test('two instances with one bucket do not see the sessions of each other', async () => {
  const sessionId = newSessionId()
  await s3('shared/one/').put(segmentKey(sessionId, place(1)), [Buffer.from('x')], signal())
  expect(await s3('shared/two/').sessions(signal())).toEqual([])
  expect(await s3('shared/one/').sessions(signal())).toEqual([sessionId])
})

test('errors of an object store say what is wrong, and neither where nor with which key', async () => {
  const key = segmentKey(newSessionId(), place(1))
  const put = (store: SegmentStore, limit = signal()) =>
    store.put(key, [Buffer.from('x')], limit).then(
      () => 'stored',
      (error: Error) => `${error.name}: ${error.message}`,
    )
  expect(await put(s3('', { secretAccessKey: 'not-the-secret-key' }))).toBe(
    'StoreError: the object store responds 403 SignatureDoesNotMatch',
  )
  expect(await put(s3('', { accessKeyId: 'not-the-key' }))).toMatch(
    /^StoreError: the object store responds 40\d \w+$/,
  )
  expect(await put(s3('', { endpoint: 'http://127.0.0.1:1' }))).toMatch(
    /^StoreError: the object store is not reachable \(.+\)$/,
  )
  objects.freeze()
  const late = await put(s3(''), AbortSignal.timeout(200))
  objects.thaw()
  expect(late).toBe('StoreError: the object store does not respond in time')
})

test('files in the store of the disk that are no objects are left alone, and no path leads out of it', async () => {
  const root = join(directory.path, 'odd')
  const store = createDiskStore(root)
  const sessionId = newSessionId()
  mkdirSync(join(root, sessionId), { recursive: true })
  writeFileSync(join(root, sessionId, 'notes.txt'), 'x')
  writeFileSync(join(root, sessionId, '720p.1.1.m4s.0011223344556677.new'), 'x')
  mkdirSync(join(root, 'lost+found'))
  expect(await store.list(sessionId, signal())).toEqual([])
  expect(await store.sessions(signal())).toEqual([sessionId])
  await store.forget(sessionId)
  expect(readdirSync(join(root, sessionId))).toEqual(['notes.txt'])
  expect(await store.list('..', signal())).toEqual([])
})

test('a store that cannot write leaves no part of an object behind', async () => {
  const root = join(directory.path, 'full')
  const store = createDiskStore(root)
  const sessionId = newSessionId()
  const key = segmentKey(sessionId, place(1))
  await store.put(segmentKey(sessionId, place(0)), [Buffer.from('x')], signal())
  // A rename onto a directory fails after the file is complete.
  mkdirSync(join(root, key))
  await expect(store.put(key, [Buffer.alloc(1000)], signal())).rejects.toThrow('EISDIR')
  expect(readdirSync(join(root, sessionId)).filter((name) => name.endsWith('.new'))).toEqual([])
  rmSync(join(root, key), { recursive: true })
  await store.put(key, [Buffer.from('later')], signal())
  expect(String(await store.get(key, signal()))).toBe('later')
})
