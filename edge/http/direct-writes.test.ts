import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeDirectly } from './direct-writes.ts'

let server: Server
let accepted: Socket
let client: Socket
beforeEach(async () => {
  server = createServer({ noDelay: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const connection = once(server, 'connection')
  client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.on('error', () => {})
  ;[accepted] = await connection
  accepted.on('error', () => {})
})
afterEach(() => {
  client.destroy()
  accepted.destroy()
  server.close()
})

const never = () => expect.unreachable('nothing was left to be taken')

test('a short answer is taken at once, as often as it is given', async () => {
  let heard = ''
  client.on('data', (chunk) => {
    heard += chunk
  })
  for (let n = 0; n < 100; n += 1) expect(writeDirectly(accepted, Buffer.from(`${n};`), never)).toBe('all')
  accepted.end('end')
  await once(client, 'end')
  expect(heard).toBe(`${Array.from({ length: 100 }, (_, n) => `${n};`).join('')}end`)
})

test('what the system has no room for follows whole and in order, and is told', async () => {
  client.pause()
  let given = 0
  const answer = () => Buffer.alloc(100_000, String.fromCharCode(97 + (given++ % 26)))
  let told = () => {}
  const taken = new Promise<void>((resolve) => {
    told = resolve
  })
  while (writeDirectly(accepted, answer(), told) === 'all') expect(given).toBeLessThan(1000)
  accepted.end()
  const heard: Buffer[] = []
  client.on('data', (chunk) => heard.push(chunk))
  client.resume()
  await Promise.all([taken, once(client, 'end')])
  const text = Buffer.concat(heard).toString('latin1')
  expect(text.length).toBe(given * 100_000)
  const letters = text.match(/(.)\1*/g)?.map((run) => run.length) ?? []
  expect(letters).toEqual(Array.from({ length: given }, () => 100_000))
})

test('who left is no news of bytes taken', async () => {
  client.pause()
  while (writeDirectly(accepted, Buffer.alloc(100_000), never) === 'all') {}
  const closed = once(accepted, 'close')
  accepted.destroy()
  await closed
  expect(writeDirectly(accepted, Buffer.from('more'), never)).toBe('none')
})
