import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { deadlines } from '../../core/connections/deadlines.ts'
import type { EndReason } from '../../core/contracts/end-reason.ts'
import { createLog } from '../../core/process/log.ts'
import type { PublishAuthority } from '../publish/publish-authority.ts'
import type { RefusalReason } from '../publish/refusal.ts'
import { PublishSession } from '../session/publish-session.ts'
import { RtmpConnection } from './connection.ts'

const log = createLog('test', 'silent')
const cleanUp: (() => void)[] = []
afterEach(() => {
  for (const each of cleanUp.splice(0)) each()
})

const minutes = (count: number) => performance.now() + count * 60_000

/** Opens a TCP connection and returns both ends: the client's socket, and the connection of ingest. */
async function connectPair(authority: PublishAuthority) {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.on('error', () => {})
  const socket = await accepted
  const closed = Promise.withResolvers<RefusalReason | undefined>()
  const others = { deadlines: deadlines.rtmp, log, onPublishing: () => {}, onClosed: closed.resolve }
  const connection = new RtmpConnection({ socket, authority, ...others })
  cleanUp.push(() => {
    client.destroy()
    server.close()
  })
  return { connection, client, closed: closed.promise, socket }
}

const command = (text: string, streamId = 0) => {
  const payload = Buffer.from(text, 'hex')
  const header = Buffer.from([3, 0, 0, 0, 0, 0, payload.length, 20, streamId, 0, 0, 0])
  return Buffer.concat([header, payload])
}
const hexOf = (text: string) =>
  `02${text.length.toString(16).padStart(4, '0')}${Buffer.from(text).toString('hex')}`
const one = '003ff0000000000000'
const connectLive = command(`${hexOf('connect')}${one}030003617070${hexOf('live')}000009`)
/** A `connect` whose `capsEx` says that the client follows reconnect requests. */
const connectAgain = command(
  `${hexOf('connect')}${one}030003617070${hexOf('live')}0006${Buffer.from('capsEx').toString('hex')}${one}000009`,
)
const publish = command(`${hexOf('publish')}${one}05${hexOf('key')}`, 1)
const hello = Buffer.concat([Buffer.from([3]), Buffer.alloc(3072)])
const publishing = Buffer.concat([hello, connectLive, publish])

const never: PublishAuthority = { authorize: () => new Promise(() => {}) }

/**
 * Creates an authority that accepts every publisher. `ended` resolves with the reason for which the session
 * ended.
 */
function openAuthority() {
  const ended = Promise.withResolvers<EndReason>()
  const received: number[] = []
  const session = new PublishSession({
    sessionId: 's_test',
    limits: { maxLong: 8192, maxShort: 4320, maxPixelRate: 600e6, maxBitrate: 0 },
    onSource: () => {},
  })
  session.onEnd(ended.resolve)
  const receive = session.receive.bind(session)
  session.receive = (type, ...more) => {
    received.push(type)
    receive(type, ...more)
  }
  const authority: PublishAuthority = { authorize: async () => ({ session }) }
  return { authority, session, received, ended: ended.promise }
}

const receives = (client: Socket, text: string) =>
  new Promise<void>((resolve) => {
    client.on('data', (bytes: Buffer) => {
      if (bytes.includes(text, 0, 'latin1')) resolve()
    })
  })

test('a connection without a handshake or without commands is cut, each with its reason', async () => {
  const silent = await connectPair(never)
  silent.connection.sweep(minutes(1))
  expect(await silent.closed).toBe('handshake_timeout')

  const idle = await connectPair(never)
  const responded = new Promise((resolve) => idle.client.once('data', resolve))
  idle.client.write(hello)
  await responded
  idle.connection.sweep(minutes(1))
  expect(await idle.closed).toBe('command_timeout')
})

test('a key that cannot be checked in time is refused with an explanation', async () => {
  const { connection, client, closed, socket } = await connectPair(never)
  const informed = receives(client, 'could not be checked in time')
  const paused = new Promise((resolve) => socket.once('pause', resolve))
  client.write(publishing)
  await paused
  connection.sweep(minutes(1))
  await informed
  client.destroy()
  expect(await closed).toBe('unavailable')
})

test('a publisher that sends nothing ends as idle', async () => {
  const { authority, ended } = openAuthority()
  const { connection, client, closed } = await connectPair(authority)
  const started = receives(client, 'NetStream.Publish.Start')
  client.write(publishing)
  await started
  connection.sweep(performance.now() + 9000)
  connection.sweep(minutes(1))
  expect(await ended).toBe('publisher_idle')
  client.destroy()
  expect(await closed).toBeUndefined()
})

test('a refused client that stays is cut', async () => {
  const { connection, client, closed } = await connectPair({
    authorize: async () => ({ refusal: { reason: 'bad_key', description: 'no' } }),
  })
  const informed = receives(client, 'NetStream.Publish.BadName')
  client.write(publishing)
  await informed
  client.write(Buffer.alloc(100_000))
  connection.sweep(minutes(1))
  expect(await closed).toBe('bad_key')
})

test('a session that ended before the publisher got its response ends the connection', async () => {
  const { authority, session } = openAuthority()
  session.end('taken_over', 'Another publisher took the channel over.')
  const { client, closed } = await connectPair(authority)
  const informed = receives(client, 'took the channel over')
  client.write(publishing)
  await informed
  client.end()
  expect(await closed).toBeUndefined()
})

test.each([
  ['that follows reconnect requests is asked to connect again', connectAgain, 'ReconnectRequest', 'BadName'],
  // Some encoders give up after a status of level `error`.
  ['that does not is disconnected without an error', connectLive, 'Publish.Start', 'error'],
])('a publisher %s when the server stops', async (_what, connect, expected, unexpected) => {
  const { authority } = openAuthority()
  const { connection, client, closed } = await connectPair(authority)
  const heard: Buffer[] = []
  client.on('data', (bytes: Buffer) => heard.push(bytes))
  const started = receives(client, 'NetStream.Publish.Start')
  client.write(Buffer.concat([hello, connect, publish]))
  await started
  connection.close()
  await closed
  const text = Buffer.concat(heard).toString('latin1')
  expect(text).toContain(expected)
  expect(text).not.toContain(unexpected)
})

test('calls that are unknown get an empty result, and responses none', async () => {
  const { client } = await connectPair(never)
  const heard: Buffer[] = []
  client.on('data', (bytes: Buffer) => heard.push(bytes))
  const empty = (transaction: string) => Buffer.from(`${hexOf('_result')}${transaction}05`, 'hex')
  const [second, third] = ['004000000000000000', '004008000000000000']
  const answered = receives(client, empty(third).toString('latin1'))
  client.write(Buffer.concat([hello, connectLive, command(`${hexOf('_checkbw')}${second}05`)]))
  for (const name of ['_result', '_error', 'onFCPublish']) client.write(command(`${hexOf(name)}${second}05`))
  client.write(command(`${hexOf('getStreamLength')}${third}05`))
  await answered
  const all = Buffer.concat(heard).toString('latin1')
  expect(all.split(empty(second).toString('latin1'))).toHaveLength(2)
})

test('play before connect, and while publishing, breaks the protocol', async () => {
  const play = command(`${hexOf('play')}${one}05${hexOf('key')}`, 1)
  const early = await connectPair(never)
  early.client.write(Buffer.concat([hello, play]))
  expect(await early.closed).toBe('protocol_error')
  const { authority, ended } = openAuthority()
  const { client } = await connectPair(authority)
  client.write(Buffer.concat([publishing, play]))
  expect(await ended).toBe('protocol_error')
})

test('a publisher may stop and publish again over the same connection', async () => {
  const sessions = [openAuthority(), openAuthority()]
  const opened = sessions.values()
  const authority: PublishAuthority = {
    authorize: (request) => opened.next().value?.authority.authorize(request) ?? new Promise(() => {}),
  }
  const { client, closed } = await connectPair(authority)
  const started = receives(client, 'Publish.Start')
  client.write(publishing)
  await started
  const stop = ['FCUnpublish', 'deleteStream'].map((name) => command(`${hexOf(name)}${one}05`))
  const late = Buffer.concat([
    Buffer.from([4, 0, 0, 0, 0, 0, 4, 8, 1, 0, 0, 0]),
    Buffer.from('af001190', 'hex'),
  ])
  const restarted = receives(client, 'Publish.Start')
  client.write(Buffer.concat([...stop, late, publish]))
  expect(await sessions[0]?.ended).toBe('publisher_left')
  await restarted
  client.write(late)
  client.end()
  expect(await sessions[1]?.ended).toBe('publisher_lost')
  expect(sessions.map(({ received }) => received)).toEqual([[], [8]])
  expect(await closed).toBeUndefined()
})

test('a publisher that stopped is disconnected when it does not publish again', async () => {
  const { authority, ended } = openAuthority()
  const { connection, client, closed } = await connectPair(authority)
  const stopped = receives(client, 'Unpublish.Success')
  client.write(Buffer.concat([publishing, command(`${hexOf('closeStream')}${one}05`)]))
  await stopped
  expect(await ended).toBe('publisher_left')
  connection.sweep(minutes(1))
  expect(await closed).toBeUndefined()
})

test('a second publish beside the first is refused, and the first continues', async () => {
  const { authority, ended, session } = openAuthority()
  const { client } = await connectPair(authority)
  const refused = receives(client, 'already publishing')
  client.write(Buffer.concat([publishing, publish]))
  await refused
  session.end('publisher_idle')
  expect(await ended).toBe('publisher_idle')
})

test('media that comes in the same read as the publish reaches the session', async () => {
  const { authority, received, ended } = openAuthority()
  const { client } = await connectPair(authority)
  const sound = Buffer.concat([
    Buffer.from([4, 0, 0, 0, 0, 0, 4, 8, 1, 0, 0, 0]),
    Buffer.from('af001190', 'hex'),
  ])
  client.write(Buffer.concat([publishing, sound, sound]))
  client.end()
  expect(await ended).toBe('publisher_lost')
  expect(received).toEqual([8, 8])
})
