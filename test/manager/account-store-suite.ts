import { expect, test } from 'vitest'
import type { NewApiToken } from '../../manager/store/accounts/api-tokens.ts'
import type { AuditEntry } from '../../manager/store/accounts/audit.ts'
import type { OneTimeLink } from '../../manager/store/accounts/one-time-links.ts'
import type { NewSignIn } from '../../manager/store/accounts/sign-ins.ts'
import type { Store } from '../../manager/store/store.ts'
import { sampleAccount } from '../kit/manager/sample-account.ts'
import { sampleChannel } from '../kit/manager/sample-channel.ts'

const signIn = (id: string, fields: Partial<NewSignIn> = {}): NewSignIn => ({
  id,
  accountId: 'a_ada',
  secretHash: `hash-of-${id}`,
  createdAt: 1000,
  seenAt: 1000,
  confirmedAt: 1000,
  address: '192.0.2.7',
  userAgent: 'test',
  ...fields,
})

const apiToken = (id: string, fields: Partial<NewApiToken> = {}): NewApiToken => ({
  id,
  accountId: 'a_ada',
  name: 'script',
  secretHash: `hash-of-${id}`,
  scopes: ['channels:read'],
  channels: ['c_show'],
  createdAt: 1000,
  expiresAt: 5000,
  usedAt: null,
  usedFrom: null,
  revokedAt: null,
  ...fields,
})

const link = (id: string, fields: Partial<OneTimeLink> = {}): OneTimeLink => ({
  id,
  purpose: 'invitation',
  accountId: null,
  role: 'streamer',
  channels: ['c_show'],
  note: 'for Ada',
  createdAt: 1000,
  expiresAt: 9000,
  ...fields,
})

const entry = (id: string, at: number, fields: Partial<AuditEntry> = {}): AuditEntry => ({
  id,
  at,
  actor: 'a_ada',
  actorName: 'Ada',
  tokenId: null,
  action: 'channel.change',
  target: 'channels/show',
  before: { title: 'a' },
  after: { title: 'b' },
  status: 200,
  requestId: 'r1',
  address: '192.0.2.7',
  ...fields,
})

type NewStore = () => Promise<Store>

/** Tests of the stores of accounts that every database must pass. `newStore` opens an empty store. */
export function accountStoreSuite(newStore: NewStore) {
  accountSuite(newStore)
  signInSuite(newStore)
  linkSuite(newStore)
  auditSuite(newStore)
}

function accountSuite(newStore: NewStore) {
  test('an account is stored, changed and removed with all that belongs to it', async () => {
    const { accounts, links, signIns, apiTokens } = await newStore()
    const ada = sampleAccount('ada', { name: 'Ada “Countess” Łovelace' })
    expect(await links.signUp(ada)).toEqual(ada)
    expect(await links.signUp({ ...ada, id: 'a_other' })).toBe('taken')
    expect(await accounts.byEmail('ada@example.com')).toEqual(ada)
    expect(await accounts.update('a_ada', { name: 'Ada', disabled: true }, 7)).toBe(true)
    expect(await accounts.byId('a_ada')).toEqual({ ...ada, name: 'Ada', disabled: true, updatedAt: 7 })
    await accounts.putGrant('a_ada', { channelId: 'c_show', role: 'streamer' })
    await signIns.add(signIn('si_1'))
    await apiTokens.add(apiToken('at_1'), 9)
    expect(await accounts.remove('a_ada')).toBe(true)
    expect(await accounts.byId('a_ada')).toBeUndefined()
    expect(await accounts.grantsOf('a_ada')).toEqual([])
    expect(await signIns.ofAccount('a_ada')).toEqual([])
    expect(await apiTokens.byId('at_1')).toBeUndefined()
  })

  test('the last enabled owner stays, also when all leave at once', async () => {
    const { accounts, links } = await newStore()
    for (const name of ['one', 'two']) await links.signUp(sampleAccount(name, { role: 'owner' }))
    const changes = await Promise.all([
      accounts.update('a_one', { role: 'admin' }, 2),
      accounts.remove('a_two'),
    ])
    expect(changes.filter((each) => each === undefined)).toHaveLength(1)
    const [owner] = (await accounts.page(9, undefined)).filter(({ role }) => role === 'owner')
    expect(await accounts.update(owner?.id ?? '', { disabled: true }, 3)).toBeUndefined()
    expect(await accounts.remove(owner?.id ?? '')).toBeUndefined()
    expect((await accounts.byId(owner?.id ?? ''))?.disabled).toBe(false)
  })

  test('roles on channels are replaced, listed, and removed with the channel', async () => {
    const { accounts, channels } = await newStore()
    await channels.add(sampleChannel('show'))
    await accounts.putGrant('a_ada', { channelId: 'c_show', role: 'viewer' })
    await accounts.putGrant('a_ada', { channelId: 'c_show', role: 'streamer' })
    await accounts.putGrant('a_ada', { channelId: 'c_other', role: 'viewer' })
    expect(await accounts.grantsOf('a_ada')).toEqual([
      { channelId: 'c_other', role: 'viewer' },
      { channelId: 'c_show', role: 'streamer' },
    ])
    expect(await accounts.grantsOn('c_show', 9)).toEqual([{ accountId: 'a_ada', role: 'streamer' }])
    await channels.remove('c_show')
    expect(await accounts.grantsOn('c_show', 9)).toEqual([])
    expect(await accounts.removeGrant('a_ada', 'c_other')).toBe(true)
    expect(await accounts.removeGrant('a_ada', 'c_other')).toBe(false)
  })
}

function signInSuite(newStore: NewStore) {
  test('a sign-in is found by its secret, and the oldest ends beyond 50', async () => {
    const { links, signIns } = await newStore()
    await links.signUp(sampleAccount('ada'))
    for (let number = 0; number < 51; number += 1)
      await signIns.add(signIn(`si_${number}`, { createdAt: 1000 + number }))
    expect(await signIns.bySecret('hash-of-si_0')).toBeUndefined()
    const { secretHash: _, ...second } = signIn('si_1', { createdAt: 1001 })
    expect(await signIns.bySecret('hash-of-si_1')).toEqual({ signIn: second, account: sampleAccount('ada') })
    await signIns.confirm('si_1', 'fresh', 8000)
    expect(await signIns.bySecret('hash-of-si_1')).toBeUndefined()
    expect((await signIns.bySecret('fresh'))?.signIn.confirmedAt).toBe(8000)
    await signIns.removeOld(8000, 0)
    expect((await signIns.ofAccount('a_ada')).map(({ id }) => id)).toEqual(['si_1'])
    expect(await signIns.end('a_other', 'si_1')).toBe(false)
    await signIns.endAll('a_ada', 'si_1')
    expect(await signIns.end('a_ada', 'si_1')).toBe(true)
  })

  test('API tokens are limited in number, and one that is revoked makes room', async () => {
    const { apiTokens, links } = await newStore()
    await links.signUp(sampleAccount('ada'))
    expect(await apiTokens.add(apiToken('at_1'), 1)).toBe(true)
    expect(await apiTokens.add(apiToken('at_2'), 1)).toBe(false)
    await apiTokens.revoke('at_1', 1500)
    await apiTokens.revoke('at_1', 1600)
    expect(await apiTokens.add(apiToken('at_2'), 1)).toBe(true)
    expect(await apiTokens.add(apiToken('at_3', { accountId: null, channels: null }), 1)).toBe(true)
    expect((await apiTokens.bySecret('hash-of-at_1'))?.token.revokedAt).toBe(1500)
    expect((await apiTokens.bySecret('hash-of-at_3'))?.account).toBeNull()
    expect((await apiTokens.page('a_ada', 9, undefined)).map(({ id }) => id)).toEqual(['at_1', 'at_2'])
    expect((await apiTokens.page(undefined, 1, 'at_2')).map(({ id }) => id)).toEqual(['at_3'])
    await apiTokens.removeOld(1501)
    expect(await apiTokens.byId('at_1')).toBeUndefined()
  })
}

function linkSuite(newStore: NewStore) {
  test('a link works once, in time, and is not used up by a refusal', async () => {
    const { accounts, links } = await newStore()
    await links.add(link('l_1'), 'hash-1', 9)
    await links.signUp(sampleAccount('taken'))
    const ada = { ...sampleAccount('ada', { createdAt: 2000 }), role: undefined }
    expect(await links.join('hash-1', { ...ada, email: 'taken@example.com' })).toBe('taken')
    expect(await links.join('hash-1', { ...ada, createdAt: 9000 })).toBe('gone')
    const joined = await Promise.all([
      links.join('hash-1', ada),
      links.join('hash-1', { ...ada, id: 'a_two', email: 'two@example.com' }),
    ])
    expect(joined.filter((each) => each === 'gone')).toHaveLength(1)
    const id = joined.flatMap((each) => (typeof each === 'string' ? [] : [each.id]))[0] ?? ''
    expect((await accounts.byId(id))?.role).toBe('streamer')
    expect(await accounts.grantsOf(id)).toEqual([{ channelId: 'c_show', role: 'streamer' }])
    expect(await links.invitations(2000, 9, undefined)).toEqual([])
  })

  test('the first account is created once', async () => {
    const { links } = await newStore()
    const owner = { purpose: 'owner', role: 'owner', channels: null } as const
    for (const id of ['1', '2']) await links.add(link(`l_${id}`, owner), `hash-${id}`, 9)
    const [ada, bob] = ['ada', 'bob'].map((name) => sampleAccount(name, { createdAt: 2000 }))
    expect(ada && (await links.join('hash-1', ada))).toMatchObject({ role: 'owner' })
    expect(bob && (await links.join('hash-2', bob))).toBe('gone')
  })

  test('a link to set a password replaces the previous one, and ends all sign-ins', async () => {
    const { accounts, links, signIns } = await newStore()
    await links.signUp(sampleAccount('ada'))
    await signIns.add(signIn('si_1'))
    const reset = { purpose: 'password', accountId: 'a_ada', role: null, channels: null } as const
    await links.add(link('l_1', reset), 'hash-1', 9)
    await links.add(link('l_2', reset), 'hash-2', 9)
    expect(await links.resetPassword('hash-1', 'new', 2000)).toBeUndefined()
    expect(await links.bySecret('hash-2', 2000)).toEqual(link('l_2', reset))
    expect(await links.resetPassword('hash-2', 'new', 2000)).toBe('a_ada')
    expect((await accounts.byId('a_ada'))?.password).toBe('new')
    expect(await signIns.ofAccount('a_ada')).toEqual([])
    expect(await links.add(link('l_3'), 'hash-3', 2)).toBe(true)
    expect(await links.add(link('l_4'), 'hash-4', 2)).toBe(false)
    expect(await links.withdraw('l_3')).toBe(true)
    expect(await links.withdraw('l_3')).toBe(false)
  })
}

function auditSuite(newStore: NewStore) {
  test('the audit log is paged newest first, and old lines are removed', async () => {
    const { audit } = await newStore()
    for (const [id, at] of [
      ['1', 1],
      ['2', 2],
      ['3', 2],
      ['4', 4],
    ] as const)
      await audit.add(entry(id, at, id === '4' ? { actor: 'a_bob', before: null } : {}))
    expect(await audit.page({}, 2)).toEqual([entry('4', 4, { actor: 'a_bob', before: null }), entry('3', 2)])
    expect((await audit.page({}, 9, { at: 2, id: '3' })).map(({ id }) => id)).toEqual(['2', '1'])
    expect(await audit.page({ actor: 'a_bob' }, 9)).toHaveLength(1)
    expect(await audit.page({ target: 'channels/other' }, 9)).toEqual([])
    expect(await audit.removeBefore(2, 9)).toBe(1)
    expect(await audit.removeBeyond(1, 9)).toBe(2)
    expect((await audit.page({}, 9)).map(({ id }) => id)).toEqual(['4'])
  })
}
