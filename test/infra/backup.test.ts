import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChannelView, CreatedChannelView, StreamKeyView } from '../../core/api/channel.ts'
import type { ListPage } from '../../core/api/common.ts'
import type { SessionView } from '../../core/api/session.ts'
import { startProcess } from '../kit/processes.ts'
import { startPublisher } from '../kit/publisher.ts'
import { root } from '../kit/root.ts'
import { makeTempDir } from '../kit/temp-dir.ts'
import { waitFor } from '../kit/wait-for.ts'
import { startWhole, type Whole } from '../kit/whole.ts'

const dir = makeTempDir()
const at = (name: string) => join(dir.path, name)
const file = at('copy.nowcast')
let whole: Whole
let made: CreatedChannelView
let session: SessionView

/** Runs `npx nowcast backup` or `restore`. Returns the exit code and what it printed. */
async function nowcast(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { PATH, HOME } = process.env
  const command = startProcess(process.execPath, [join(root, 'infra/nowcast.mjs'), ...args], {
    env: { PATH, HOME, ...env },
  })
  return { code: (await command.exited).code, text: command.lines.join('\n') }
}

const backUp = (target: string, env = {}) =>
  nowcast(['backup', target], { NOWCAST_DATA_DIR: at('old'), NOWCAST_ADMIN_TOKEN: whole.adminToken, ...env })
const restoreTo = (dataDir: string, from = file) => nowcast(['restore', from], { NOWCAST_DATA_DIR: dataDir })

const sessions = (of: Whole) => of.api<ListPage<SessionView>>('GET', '/v1/sessions?channel=show')

/** Publishes until the channel is live. Returns its newest session. */
async function publish(to: Whole, key: string): Promise<SessionView> {
  const publisher = startPublisher({ url: `${to.rtmpUrl}/${key}`, size: '160x90' })
  await to.untilLive('show')
  const { items } = await sessions(to)
  await publisher.stop()
  return items[0] as SessionView
}

beforeAll(async () => {
  whole = await startWhole({ dataDir: at('old') })
  made = await whole.api('POST', '/v1/channels', { slug: 'show', title: 'Show' })
  session = await publish(whole, made.streamKey)
})
afterAll(async () => {
  await whole?.stop()
  dir.remove()
})

test('an instance is backed up under load and continues elsewhere with its keys and its history', async () => {
  let busy = true
  const load = (async () => {
    for (let n = 0; busy; n += 1) await whole.api('POST', '/v1/channels', { slug: `load-${n}` })
  })()
  expect(await backUp(file)).toMatchObject({ code: 0, text: expect.stringContaining(file) })
  busy = false
  await load
  expect(statSync(file).mode & 0o777).toBe(0o600)
  await whole.stop()

  // The old instance has its admin token in a setting. The backup restores it as a file.
  expect(await restoreTo(at('new'))).toMatchObject({ code: 0 })
  expect(statSync(at('new/secrets/cluster-secret')).mode & 0o777).toBe(0o600)
  const NOWCAST_ADMIN_TOKEN = readFileSync(at('new/secrets/admin-token'), 'utf8').trim()
  expect(NOWCAST_ADMIN_TOKEN).toBe(whole.adminToken)
  expect(readFileSync(at('new/nowcast.db')).includes(NOWCAST_ADMIN_TOKEN)).toBe(false)
  const restored = await startWhole({ dataDir: at('new'), env: { NOWCAST_ADMIN_TOKEN } })
  try {
    const api = <T>(path: string) => createApi(restored, NOWCAST_ADMIN_TOKEN)<T>(path)
    expect((await api<ChannelView>('/v1/channels/show')).title).toBe('Show')
    expect((await api<StreamKeyView>('/v1/channels/show/stream-key')).streamKey).toBe(made.streamKey)
    const publisher = startPublisher({ url: `${restored.rtmpUrl}/${made.streamKey}`, size: '160x90' })
    await restored.untilLive('show')
    await waitFor('both sessions in the history', async () => {
      const { items } = await api<ListPage<SessionView>>('/v1/sessions?channel=show')
      return items.length === 2 && items[1]?.id === session.id
    })
    await publisher.stop()
  } finally {
    await restored.stop()
  }
})

/** Returns a client of the API with another admin token than that of the test kit. */
function createApi({ managerUrl }: Whole, token: string) {
  return async <T>(path: string): Promise<T> => {
    const response = await fetch(`${managerUrl}${path}`, { headers: { authorization: `Bearer ${token}` } })
    return (await response.json()) as T
  }
}

test('nothing is overwritten', async () => {
  writeFileSync(at('taken'), 'mine')
  expect(await backUp(at('taken'))).toEqual({
    code: 1,
    text: `nowcast: ${at('taken')} exists; choose another file`,
  })
  expect(readFileSync(at('taken'), 'utf8')).toBe('mine')
  const again = await restoreTo(at('old'))
  expect(again.code).toBe(1)
  expect(again.text).toContain('nowcast.db exists; set NOWCAST_DATA_DIR to an empty directory')
  mkdirSync(at('half/secrets'), { recursive: true })
  writeFileSync(at('half/secrets/cluster-secret'), 'another')
  expect((await restoreTo(at('half'))).text).toContain('cluster-secret exists')
})

test.each([
  ['a file that is no backup', () => restoreTo(at('other'), at('taken')), /taken is not a backup of nowcast/],
  ['the database itself', () => restoreTo(at('other'), at('old/nowcast.db')), /is not a backup of nowcast/],
  ['a missing file', () => restoreTo(at('other'), at('none')), /none is not a backup of nowcast/],
  ['no database', () => backUp(at('x'), { NOWCAST_DATA_DIR: at('empty') }), /there is no .*nowcast\.db/],
  ['a directory that does not exist', () => backUp(at('no/x')), /no\/x cannot be written/],
  ['Postgres', () => backUp(at('x'), { DATABASE_URL: 'postgres://h/db' }), /Postgres: use pg_dump/],
  ['no file', () => nowcast(['backup']), /backup needs one file/],
])('%s is refused with one line', async (_what, run, line) => {
  const { code, text } = await run()
  expect(code).toBeGreaterThan(0)
  expect(text).toMatch(line)
  expect(text.split('\n')).toHaveLength(1)
})
