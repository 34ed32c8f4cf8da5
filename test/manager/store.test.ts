import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createLog } from '../../core/process/log.ts'
import { openDatabase } from '../../manager/store/database.ts'
import { migrations } from '../../manager/store/migrations.ts'
import { openStore, type Store } from '../../manager/store/store.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'
import { makeTempDir, type TempDir } from '../kit/temp-dir.ts'
import { channel, channelStoreSuite } from './channel-store.ts'
import { newDatabase } from './new-database.ts'
import { playbackRuleStoreSuite } from './playback-rule-store.ts'
import { sessionStoreSuite } from './session-store.ts'

/** All that the first version knew. */
const firstMigration = Object.fromEntries(Object.entries(migrations).slice(0, 1))
const log = createLog('test', 'error', { write: () => {} })

interface Place {
  databaseUrl: string | undefined
  dataDir: string
}

/** What every database must do alike. `newPlace` gives an empty one. */
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

  it('opens again what it made', async () => {
    const place = await newPlace()
    const store = await openAt(place)
    expect(await store.channels.add(channel('one'))).toBe(true)
    const again = await openAt(place)
    await again.ping()
    expect(await again.channels.bySlug('one')).toEqual(channel('one'))
  })

  it('takes over the channels of a version that knew no signed playback', async () => {
    const place = await newPlace()
    const former = await openDatabase(place, log, firstMigration)
    const { playback: _, tokensRevokedUntil: __, ...known } = channel('old')
    await sql`insert into channels values (${known.id}, ${known.slug}, ${known.title}, ${known.latency}, 0, 0, 1,
      ${known.keyHash}, ${known.keySealed}, ${known.createdAt}, ${known.updatedAt})`.execute(former)
    await former.destroy()
    const store = await openAt(place)
    expect(await store.channels.bySlug('old')).toEqual(channel('old'))
    expect(await store.playbackRules.rules(0)).toEqual({ signed: {}, revoked: {} })
  })

  channelStoreSuite(newStore)
  playbackRuleStoreSuite(newStore)
  sessionStoreSuite(newStore)
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

  it('says in one line why a database cannot be used', async () => {
    const opened = openStore({ databaseUrl: undefined, dataDir: '/dev/null' }, log)
    await expect(opened).rejects.toThrow(/^database \/dev\/null\/nowcast\.db: /)
  })
})

// Without Postgres this fails, and says what to install; only who asks for it by name goes without.
describe.skipIf(process.env.NOWCAST_TEST_WITHOUT_POSTGRES === '1')('store on Postgres', () => {
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

  it('lets managers that start together take turns with the tables', async () => {
    const databaseUrl = await newDatabase(postgres.url, 'together')
    const place = { databaseUrl, dataDir: '/nowhere' }
    const stores = await Promise.all([openStore(place, log), openStore(place, log), openStore(place, log)])
    expect(await stores[0]?.channels.add(channel('one'))).toBe(true)
    expect(await stores[2]?.channels.bySlug('one')).toEqual(channel('one'))
    for (const store of stores) await store.close()
  })

  it('says in one line that nobody answers, without the password', async () => {
    const databaseUrl = 'postgres://someone:hunter2@127.0.0.1:1/none'
    const failure = await openStore({ databaseUrl, dataDir: '/nowhere' }, log).catch((error) => error)
    expect(failure.message).toMatch(/^the database cannot be used: .*ECONNREFUSED/)
    expect(failure.message).not.toContain('hunter2')
  })
})
