import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startProcess, type TestProcess } from '../kit/processes.ts'
import { startPublisher } from '../kit/publisher.ts'
import { root } from '../kit/root.ts'
import { followShow } from '../kit/show.ts'
import { makeTempDir, type TempDir } from '../kit/temp-dir.ts'
import { waitFor } from '../kit/wait-for.ts'
import { startWhole, type Whole } from '../kit/whole.ts'

const roles = ['transcoder', 'edge', 'manager', 'ingest'] as const

let dir: TempDir
let whole: Whole
let publisher: TestProcess | undefined
beforeAll(async () => {
  dir = makeTempDir()
  whole = await startWhole({ dataDir: join(dir.path, 'data') })
})
afterAll(async () => {
  await publisher?.stop('SIGKILL')
  await whole?.stop()
  dir.remove()
})

/** Runs `nowcast roll` for a data dir. Returns its exit code and what it printed. */
async function roll(dataDir: string) {
  const command = startProcess(process.execPath, [join(root, 'infra/roll/main.ts')], {
    env: { PATH: process.env.PATH ?? '', NOWCAST_DATA_DIR: dataDir },
  })
  const { code } = await command.exited
  return { code, text: command.lines.join('\n') }
}

test('roll replaces each role under a live show, which stays with its publisher', async () => {
  const { streamKey } = await whole.api('POST', '/v1/channels', { slug: 'rolled' })
  const publishing = startPublisher({ url: `${whole.rtmpUrl}/${streamKey}`, size: '640x360' })
  publisher = publishing
  const show = await followShow(whole, 'rolled')
  const { sessionId } = (await show.live()) ?? {}
  await waitFor('a segment', async () => (await show.playlist())?.segments.some(({ uri }) => uri))
  const pids = () => Object.fromEntries(roles.map((role) => [role, whole.rolePids(role)]))
  const before = pids()

  const { code, text } = await roll(join(dir.path, 'data'))
  expect(text.match(/(\w+): replaced/g)).toEqual(roles.map((role) => `${role}: replaced`))
  expect(code).toBe(0)
  const after = pids()
  for (const role of ['transcoder', 'edge', 'manager'])
    expect([after[role]?.length, after[role]?.includes(before[role]?.[0] ?? 0)], role).toEqual([1, false])
  expect(after.ingest).toHaveLength(2)
  expect(after.ingest).toContain(before.ingest?.[0])

  const last = (await show.playlist())?.segments.at(-1)?.msn ?? 0
  await waitFor('more media', async () => ((await show.playlist())?.segments.at(-1)?.msn ?? 0) > last + 1)
  expect(show.steps).toEqual([])
  expect(await show.live()).toMatchObject({ sessionId, state: 'live' })

  await publishing.stop('SIGKILL')
  const next = startPublisher({ url: `${whole.rtmpUrl}/${streamKey}`, size: '640x360' })
  publisher = next
  await waitFor('the former ingest to end', () => whole.rolePids('ingest').length === 1)
  await waitFor('the show at the other ingest', async () => (await show.live())?.state === 'live')
  expect(await show.live()).toMatchObject({ sessionId })
}, 90_000)

test('roll says that nothing runs where nothing runs', async () => {
  const { code, text } = await roll(dir.path)
  expect([code, text]).toEqual([1, `nowcast: no nowcast runs on the data dir ${dir.path}`])
})
