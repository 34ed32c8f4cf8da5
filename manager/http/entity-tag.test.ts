import { fastify } from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { addEntityTags, tagsOf, versionsOf } from './entity-tag.ts'

const thing = { updatedAt: '2026-11-27T10:00:00.000Z', viewers: 1 }
const app = fastify()
addEntityTags(app)
app.get('/thing', () => thing)
app.get('/list', () => ({ items: [] }))
app.get('/own', (_request, reply) => reply.header('etag', '"own"').type('image/png').send(Buffer.from('x')))
app.get('/none', (_request, reply) => reply.code(404).send({ updatedAt: thing.updatedAt }))
app.patch('/thing', () => thing)
app.post('/list', () => ({ id: 1 }))

afterEach(() => {
  thing.viewers = 1
})
const get = (url: string, headers = {}) => app.inject({ url, headers })
const etagOf = async (url: string) => String((await get(url)).headers.etag)

test('a tag changes with any field, and its version only with the stored resource', async () => {
  const etag = await etagOf('/thing')
  expect(await etagOf('/thing')).toBe(etag)
  thing.viewers = 2
  const other = await etagOf('/thing')
  expect(other).not.toBe(etag)
  expect([versionsOf(etag), versionsOf(other)]).toEqual(Array(2).fill([Date.parse(thing.updatedAt)]))
})

test('a client that has the response gets 304 without a body', async () => {
  for (const url of ['/thing', '/list', '/own']) {
    const { headers } = await get(url)
    for (const tags of [`${headers.etag}`, `"x", W/${headers.etag}`, '*']) {
      const unchanged = await get(url, { 'if-none-match': tags })
      expect([unchanged.statusCode, unchanged.body]).toEqual([304, ''])
      expect(unchanged.headers).not.toHaveProperty('content-type')
      expect(unchanged.headers).toMatchObject({ etag: headers.etag, 'cache-control': 'no-cache' })
      const head = await app.inject({ method: 'HEAD', url, headers: { 'if-none-match': tags } })
      expect([head.statusCode, head.body, head.headers['content-length']]).toEqual([
        304,
        '',
        headers['content-length'],
      ])
    }
    expect((await get(url, { 'if-none-match': '"x", "y"' })).statusCode).toBe(200)
  }
})

test('changes of a resource have its version, and other responses have no tag', async () => {
  const changed = await app.inject({ method: 'PATCH', url: '/thing', headers: { 'if-none-match': '*' } })
  expect([changed.statusCode, changed.headers.etag]).toEqual([200, await etagOf('/thing')])
  expect((await app.inject({ method: 'POST', url: '/list' })).headers.etag).toBeUndefined()
  expect((await get('/none', { 'if-none-match': '*' })).headers.etag).toBeUndefined()
})

test.each([
  [undefined, undefined],
  ['*', undefined],
  ['"a.x"', [10]],
  ['"a.x" , "b.y-_Z"', [10, 11]],
  ['W/"a.x"', []],
  ['"a"', []],
  ['"9007199254740993.x"', []],
  ['a.x', []],
  ['', []],
])('If-Match: %s', (header, versions) => expect(versionsOf(header)).toEqual(versions))

test('at most fifty tags are read', () => expect(tagsOf(Array(100).fill('"a"').join())).toHaveLength(50))
