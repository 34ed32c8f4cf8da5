import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '../../core/process/log.ts'
import { migrations } from '../../manager/store/migrations.ts'
import { openDatabase, openStore, type Store } from '../../manager/store/store.ts'
import { newDatabase } from '../kit/manager/new-database.ts'
import { sampleChannel } from '../kit/manager/sample-channel.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'
import { makeTempDir, type TempDir } from '../kit/temp-dir.ts'
import { accountStoreSuite } from './account-store-suite.ts'
import { channelStoreSuite, channelVersionSuite } from './channel-store-suite.ts'
import { eventStoreSuite } from './event-store-suite.ts'
import { keptResponseStoreSuite } from './kept-response-store-suite.ts'
import { playbackRuleStoreSuite } from './playback-rule-store-suite.ts'
import { sessionStoreSuite } from './session-store-suite.ts'
import { signalStoreSuite } from './signal-store-suite.ts'
import { slateStoreSuite } from './slate-store-suite.ts'

/** The first version of nowcast had only this migration. */
const firstMigration = Object.fromEntries(Object.entries(migrations).slice(0, 1))
const log = createLog('test', 'error', { write: () => {} })

interface Place {
  databaseUrl: string | undefined
  dataDir: string
}

/** Tests that every database must pass. `newPlace` returns the place of a new, empty database. */
function storeSuite(newPlace: () => Promise<Place>) {
  const open: Store[] = []
  async function openAt(place: Place) {
    const store = await openStore(place, log)
    open.push(store)
    return store
  }
  const newStore = async () => openAt(await newPlace())
  afterEach(async () => {
    for (const store of open.splice(0)) await store.close()
  })

  test('reopens a database that it created', async () => {
    const place = await newPlace()
    const store = await openAt(place)
    expect(await store.channels.add(sampleChannel('one'))).toBe(true)
    const again = await openAt(place)
    await again.ping()
    expect(await again.channels.bySlug('one')).toEqual(sampleChannel('one'))
  })

  test('keeps the channels of a version without signed playback', async () => {
    const place = await newPlace()
    const previous = await openDatabase(place, log, firstMigration)
    const { playback: _, tokensRevokedUntil: __, ...known } = sampleChannel('old')
    await sql`insert into channels values (${known.id}, ${known.slug}, ${known.title}, ${known.latency}, 0, 0, 1,
      ${known.keyHash}, ${known.keySealed}, ${known.createdAt}, ${known.updatedAt})`.execute(previous)
    await previous.destroy()
    const store = await openAt(place)
    expect(await store.channels.bySlug('old')).toEqual(sampleChannel('old'))
    expect(await store.playbackRules.rules(0)).toEqual({ signed: {}, revoked: {} })
  })

  keptResponseStoreSuite(newStore)
  channelStoreSuite(newStore)
  channelVersionSuite(newStore)
  playbackRuleStoreSuite(newStore)
  sessionStoreSuite(newStore)
  signalStoreSuite(newStore)
  slateStoreSuite(newStore)
  accountStoreSuite(newStore)
  eventStoreSuite(newStore)
}

describe('store on SQLite', () => {
  let directory: TempDir
  let count = 0
  beforeAll(() => {
    directory = makeTempDir()
  })
  afterAll(() => directory.remove())

  storeSuite(async () => {
    count += 1
    return { databaseUrl: undefined, dataDir: `${directory.path}/${count}` }
  })

  test('reports in one line why a database cannot be used', async () => {
    const opened = openStore({ databaseUrl: undefined, dataDir: '/dev/null' }, log)
    await expect(opened).rejects.toThrow(/^database \/dev\/null\/nowcast\.db: /)
  })
})

describe('store on Postgres', () => {
  let postgres: TestPostgres
  let count = 0
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres?.stop())

  storeSuite(async () => {
    count += 1
    return { databaseUrl: await newDatabase(postgres.url, `store_${count}`), dataDir: '/nowhere' }
  })

  test('managers that start at the same time migrate one after the other', async () => {
    const databaseUrl = await newDatabase(postgres.url, 'together')
    const place = { databaseUrl, dataDir: '/nowhere' }
    const stores = await Promise.all([openStore(place, log), openStore(place, log), openStore(place, log)])
    expect(await stores[0]?.channels.add(sampleChannel('one'))).toBe(true)
    expect(await stores[2]?.channels.bySlug('one')).toEqual(sampleChannel('one'))
    for (const store of stores) await store.close()
  })

  test('reports in one line that Postgres does not answer, without the password', async () => {
    const databaseUrl = 'postgres://someone:hunter2@127.0.0.1:1/none'
    const failure = await openStore({ databaseUrl, dataDir: '/nowhere' }, log).catch((error) => error)
    expect(failure.message).toMatch(/^the database cannot be used: .*ECONNREFUSED/)
    expect(failure.message).not.toContain('hunter2')
  })
})
