import { afterAll, beforeAll, expect, test } from 'vitest'
import { multivariantPath } from '../../core/playback/media-paths.ts'
import { newTokenId } from '../../core/playback/playback-token.ts'
import { playlistReply } from '../kit/edge/fake-origin.ts'
import { type SignedChannel, startSignedChannel, tokenOf, withToken } from '../kit/edge/signed-channel.ts'
import { openPlayerConnection, statusOf } from '../kit/http/player-connection.ts'
import { untilPolled } from '../kit/redis.ts'
import { waitFor } from '../kit/wait-for.ts'

const paid = { channelId: 'c_paid', revokedUntil: 0 }

let channel: SignedChannel
beforeAll(async () => {
  channel = await startSignedChannel()
})
afterAll(() => channel.close())

test('every object is served with a token in the path, and the token is not part of the key', async () => {
  const [one, two] = [tokenOf(), tokenOf()]
  for (const path of channel.paths) {
    const first = await channel.ask(withToken(path, one))
    expect([first.status, first.headers['access-control-allow-origin']], path).toEqual([200, '*'])
    // Without `private`, a shared cache could send the object to clients without a token.
    expect(first.headers['cache-control'], path).toMatch(/^private, /)
    expect((await channel.ask(withToken(path, two))).text, path).toBe(first.text)
    expect(channel.origin.asked(path), path).toBe(1)
  }
  expect(channel.origin.targets.join()).not.toContain('/t/')
})

test('objects that another edge marks private are kept', async () => {
  const target = `${channel.base}/360p.m3u8`
  channel.origin.on(target, playlistReply('#low', 60, { 'cache-control': 'private, max-age=60' }))
  for (let turn = 0; turn < 3; turn += 1) {
    const { headers } = await channel.ask(withToken(target, tokenOf()))
    expect(headers['cache-control']).toBe('private, max-age=60')
  }
  expect(channel.origin.asked(target)).toBe(1)
})

test('without a token nothing is served, not even from memory', async () => {
  for (const path of channel.paths) {
    await channel.ask(withToken(path, tokenOf()))
    const asked = channel.origin.asked(path)
    for (const method of ['GET', 'HEAD']) {
      const refused = await channel.ask(path, { method })
      expect([refused.status, refused.headers['cache-control']], path).toEqual([403, 'no-store'])
      expect(refused.text).toBe(method === 'GET' ? 'token_missing' : '')
    }
    expect((await channel.ask(path, { headers: { 'if-none-match': '*', range: 'bytes=0-1' } })).status).toBe(
      403,
    )
    expect(channel.origin.asked(path)).toBe(asked)
  }
  expect((await channel.ask(`${channel.base}/1/720p/77.m4s`)).status, 'nor requested').toBe(403)
  expect(channel.origin.asked(`${channel.base}/1/720p/77.m4s`)).toBe(0)
})

test('a held reload is held with a token and refused at once without', async () => {
  const target = `${channel.base}/720p.m3u8?_HLS_msn=3&_HLS_part=0`
  channel.origin.on(target, (response) => void setTimeout(() => response.end('#next'), 200))
  expect((await channel.ask(target)).text).toBe('token_missing')
  expect(channel.origin.asked(target)).toBe(0)
  expect((await channel.ask(withToken(target, tokenOf()))).text).toBe('#next')
})

test('the token of one channel is refused for another, on one connection or several', async () => {
  await channel.writeRules({ signed: { paid, second: { channelId: 'c_second', revokedUntil: 0 } } })
  const second = await channel.goLive('second')
  channel.origin.on(`${second.base}/720p.m3u8`, playlistReply('#second', 60))
  await waitFor('the rules', async () => (await channel.ask(multivariantPath('second'))).status === 403)
  const mine = tokenOf()
  const theirs = tokenOf({ channelId: 'c_second' })
  expect((await channel.ask(withToken(`${second.base}/720p.m3u8`, theirs))).text).toBe('#second')
  const requests = [
    [withToken(`${channel.base}/720p.m3u8`, mine), 200],
    [withToken(`${second.base}/720p.m3u8`, mine), 403],
    [`${channel.base}/720p.m3u8`, 403],
    [withToken(`${second.base}/720p.m3u8`, theirs), 200],
    [withToken(`${channel.base}/720p.m3u8`, theirs), 403],
    [withToken(`${second.base.replace('second', 'paid')}/720p.m3u8`, mine), 404],
  ] as const
  const statuses = await overOneConnection(requests.map(([path]) => path))
  expect(statuses).toEqual(requests.map(([, status]) => status))
})

/** Returns the statuses of requests that are sent one after another on one connection. */
async function overOneConnection(paths: readonly string[]): Promise<number[]> {
  const { socket, ask } = await openPlayerConnection(channel.url)
  const statuses: number[] = []
  for (const path of paths) statuses.push(statusOf(await ask(`GET ${path} HTTP/1.1\r\nHost: edge\r\n\r\n`)))
  socket.destroy()
  return statuses
}

test('a channel that becomes signed is refused, also to waiting viewers, until it is public again', async () => {
  const { base: free } = await channel.goLive('free')
  const held = `${free}/720p.m3u8?_HLS_msn=9`
  let respond = () => {}
  channel.origin.on(`${free}/720p.m3u8`, playlistReply('#free', 60))
  channel.origin.on(held, (response) => {
    respond = () => void response.end('#held')
  })
  expect((await channel.ask(`${free}/720p.m3u8`)).text).toBe('#free')
  const waiting = channel.ask(held)
  await channel.origin.whenAsked(held)
  await channel.writeRules({ signed: { paid, free: { channelId: 'c_free', revokedUntil: 0 } } })
  await waitFor('it to be refused', async () => (await channel.ask(`${free}/720p.m3u8`)).status === 403, {
    timeoutMs: 10_000,
    everyMs: 5,
  })
  respond()
  expect((await waiting).text).toBe('token_missing')
  await channel.writeRules({})
  await waitFor('it to be public', async () => (await channel.ask(`${free}/720p.m3u8`)).status === 200, {
    timeoutMs: 10_000,
    everyMs: 5,
  })
  // A public channel accepts any token, also an expired one.
  expect((await channel.ask(withToken(`${free}/720p.m3u8`, tokenOf({ expiresAt: 1 })))).text).toBe('#free')
})

test('one token can be revoked, or all tokens of a channel up to a time', async () => {
  const expiresAt = Date.now() + 60_000
  const ids = [newTokenId(expiresAt), newTokenId(expiresAt)] as const
  const [one, other] = ids.map((id) => tokenOf({ id, expiresAt })) as [string, string]
  expect([await channel.responseTo(one), await channel.responseTo(other)]).toEqual(['200 #paid', '200 #paid'])
  await channel.writeRules({ revoked: { [ids[0]]: expiresAt } })
  await waitFor('the refusal', async () => (await channel.responseTo(one)) === '403 token_revoked', {
    everyMs: 5,
  })
  expect(await channel.responseTo(other)).toBe('200 #paid')
  const until = Date.now()
  await channel.writeRules({ signed: { paid: { ...paid, revokedUntil: until } } })
  await waitFor('the refusal', async () => (await channel.responseTo(other)) === '403 token_revoked', {
    everyMs: 5,
  })
  expect(await channel.responseTo(tokenOf({ issuedAt: until + 1 }))).toBe('200 #paid')
})

test('a lost message is made up for by polling', async () => {
  const expiresAt = Date.now() + 60_000
  const id = newTokenId(expiresAt)
  // The previous test revoked all tokens issued until then, so this one is issued later.
  const token = tokenOf({ id, expiresAt, issuedAt: Date.now() + 1 })
  expect(await channel.responseTo(token)).toBe('200 #paid')
  await channel.redis.restart()
  await waitFor('the rules to be written', () =>
    channel.writeRules({ revoked: { [id]: expiresAt } }).then(
      () => true,
      () => false,
    ),
  )
  await waitFor('the refusal', async () => (await channel.responseTo(token)) === '403 token_revoked')
})

test('while Redis is away and when it comes back empty, signed and revoked stay as they were', async () => {
  const expiresAt = Date.now() + 60_000
  const id = newTokenId(expiresAt)
  // An earlier test revoked all tokens issued until then, so these are issued later.
  const issuedAt = Date.now() + 1
  const revoked = tokenOf({ id, expiresAt, issuedAt })
  await channel.writeRules({ revoked: { [id]: expiresAt } })
  await waitFor('the refusal', async () => (await channel.responseTo(revoked)) === '403 token_revoked')
  await channel.redis.kill()
  const good = tokenOf({ issuedAt })
  const states = async () => [
    await channel.responseTo(good),
    await channel.responseTo(revoked),
    (await channel.ask(multivariantPath('paid'))).text,
  ]
  const expected = ['200 #paid', '403 token_revoked', 'token_missing']
  expect(await states()).toEqual(expected)
  await channel.redis.restart()
  await untilPolled(channel.redis.url, 'playback-rules-version')
  expect(await states()).toEqual(expected)
})
