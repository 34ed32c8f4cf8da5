import { expect, test } from 'vitest'
import { createLog } from '../../core/process/log.ts'
import { createServer } from '../server.ts'
import { requestIdOf } from './request-id.ts'

test.each(['a', 'job-7.retry_2', 'x'.repeat(64)])('the id %s of a client is kept', (id) => {
  expect(requestIdOf({ headers: { 'x-request-id': id } })).toBe(id)
})

test.each(['', 'two words', 'a/b', 'x'.repeat(65), 'ü', 'a\n'])(
  'a request with the id %j gets another one',
  (id) => {
    const made = requestIdOf({ headers: { 'x-request-id': id } })
    expect(made).toMatch(/^[\w.-]{30,64}$/)
    expect(requestIdOf({ headers: {} })).not.toBe(made)
  },
)

test('lines of a request, its response and its problem have its id', async () => {
  const lines: string[] = []
  const log = createLog('manager', 'info', { write: (line: string) => void lines.push(line) })
  const app = createServer(log, { total: 10, perClient: 10 })
  app.post('/things/:id', async () => {
    await new Promise((resolve) => setImmediate(resolve))
    log.info('thing changed')
    throw new Error('broken')
  })
  const send = (id: string) =>
    app.inject({ method: 'POST', url: '/things/1?secret=x', headers: { 'x-request-id': id }, payload: {} })
  const responses = await Promise.all([send('one'), send('two')])
  for (const [index, id] of ['one', 'two'].entries()) {
    expect(responses[index]?.headers['x-request-id']).toBe(id)
    expect(responses[index]?.json()).toMatchObject({ code: 'internal', requestId: id, instance: '/things/1' })
    const own = lines.map((line) => JSON.parse(line)).filter(({ requestId }) => requestId === id)
    expect(own.map(({ msg }) => msg)).toEqual(['thing changed', 'request failed'])
  }
  log.info('no request')
  expect(lines.at(-1)).not.toContain('requestId')
  const bad = await app.inject({ url: '/%zz', headers: { 'x-request-id': 'three' } })
  expect([bad.headers['x-request-id'], bad.json().requestId]).toEqual(['three', 'three'])
  await app.close()
})
