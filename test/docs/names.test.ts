import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withFigures } from '../../bench/figures/readme-figures.ts'
import { problems } from '../../core/api/problem.ts'
import { endReasons } from '../../core/contracts/end-reason.ts'
import { startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { startRedis, type TestRedis } from '../kit/redis.ts'
import { root } from '../kit/root.ts'
import { readSettingCalls } from '../kit/setting-calls.ts'
import { readTree } from '../kit/tree/source-tree.ts'

const tree = readTree()
const documents = tree.filter(({ path }) => path.endsWith('.md') && !path.startsWith('bench/'))
const code = tree.filter(({ path }) => /\.(?:ts|mjs)$/.test(path) && !/\.test\.ts$|^test\//.test(path))
const paths = tree.map(({ path }) => path)
const textOf = (name: string) => tree.find(({ path }) => path === name)?.text ?? ''

const hasPath = (path: string) => existsSync(join(root, path))

/** Returns what the first group of `pattern` matches in all documents, with the path of each document. */
const mentions = (pattern: RegExp) =>
  documents.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map(([, name = '']) => ({ document: path, name })),
  )

/** Returns the first cell of each row of the first table after a heading, without the table's head. */
function firstCells(document: string, heading: string): string[] {
  const [, after = ''] = textOf(document).split(`\n${heading}\n`, 2)
  const [, , ...rows] = (/(?:^\|.*\n)+/m.exec(after)?.[0] ?? '').trim().split('\n')
  return rows.map((row) => row.split('|')[1]?.trim() ?? '')
}

let server: TestRedis
let manager: TestManager
beforeAll(async () => {
  server = await startRedis()
  manager = await startTestManager(server.url)
})
afterAll(async () => {
  await manager?.close()
  await server?.stop()
})

test('paths from the root that documents name exist', () => {
  const folders = [
    ...new Set(paths.filter((path) => path.includes('/')).map((path) => path.split('/', 1)[0])),
  ]
  const pattern = new RegExp(`(?<![\\w./<-])((?:${folders.join('|')})/[\\w./-]*[\\w/])(?![*\\w])`, 'g')
  const named = mentions(pattern).filter(({ name }) => !/^(?:examples|docs)\/.*\/$/.test(name))
  expect(named.length).toBeGreaterThan(100)
  expect(named.filter(({ name }) => !hasPath(name))).toEqual([])
})

test('files that documents name without their folder exist', () => {
  const named = mentions(/`((?:[\w-]+\/)*[\w.-]+\.(?:ts|mjs|sh|conf|json|html))`/g)
  expect(named.length).toBeGreaterThan(30)
  expect(named.filter(({ name }) => !paths.some((path) => `/${path}`.endsWith(`/${name}`)))).toEqual([])
})

test('each file to open first is in its place, and each folder of a role has a place', () => {
  const rows = textOf('ARCHITECTURE.md').matchAll(/^\| [^|]+ \| ([^|]+) \| ([^|]+) \|$/gm)
  const places: string[] = []
  for (const [, place = '', first = ''] of rows) {
    const folders = [...place.matchAll(/`([^`]+\/)`/g)].map(([, folder = '']) => folder)
    places.push(...folders)
    for (const [, file = ''] of first.matchAll(/`([^`]+)`/g))
      expect([file, ...folders.map((folder) => folder + file)].some(hasPath), `${place}: ${file}`).toBe(true)
  }
  const roleFolders = paths
    .map((path) => /^(?:ingest|transcoder|edge)\/[\w-]+\//.exec(path)?.[0])
    .filter((folder) => folder !== undefined)
  expect(places).toEqual(expect.arrayContaining([...new Set(roleFolders)]))
})

test('the picture of the edge has all of its rooms', () => {
  const picture = /```mermaid\n([\s\S]*?)```/.exec(textOf('ARCHITECTURE.md'))?.[1] ?? ''
  const rooms = new Set([...picture.matchAll(/"([\w-]+)\//g)].map(([, room]) => room))
  const folders = new Set(paths.map((path) => /^edge\/([\w-]+)\//.exec(path)?.[1]).filter((name) => name))
  expect([...rooms].sort()).toEqual([...folders].sort())
})

test('commands in documents exist', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: object }
  const suites = new Set(
    [...textOf('bench/main.ts').matchAll(/^ {2}'?([\w-]+)'?: \{/gm)].map(([, name]) => name),
  )
  expect(suites.size).toBeGreaterThan(10)
  const run = mentions(/npm run ([\w-]+(?::\w+)?)/g)
  expect(run.filter(({ name }) => !(name in scripts))).toEqual([])
  const benches = mentions(/npm run bench -- ([\w-]+)/g)
  // `compare` is not a suite: it reads what suites have kept.
  const others = ['NAME', 'compare']
  expect(benches.filter(({ name }) => !others.includes(name ?? '') && !suites.has(name))).toEqual([])
  const [, table = ''] = textOf('docs/develop.md').split('| after a change of | run |')
  const listed = [...(table.split('\n\n')[0] ?? '').matchAll(/`([\w-]+)`/g)].map(([, name]) => name)
  expect(listed.sort()).toEqual([...suites].sort())
  const commands = mentions(/npx nowcast ([a-z]+)/g)
  const ofInstance = ['backup', 'restore', 'roll']
  const isKnown = (name: string) => ofInstance.includes(name) || hasPath(`${name}/main.ts`)
  expect(commands.filter(({ name }) => !isKnown(name ?? ''))).toEqual([])
})

test('settings in documents exist', () => {
  const known = new Set(readSettingCalls().map(({ variable }) => variable))
  const ofTests = ['CHROMIUM', 'POSTGRES', 'NGINX', 'HAPROXY', 'CADDY', 'SEAWEEDFS'].map(
    (name) => `NOWCAST_${name}`,
  )
  const named = mentions(/\b(NOWCAST_[A-Z0-9_]+)\b/g)
  expect(named.filter(({ name }) => !known.has(name) && !ofTests.includes(name))).toEqual([])
})

test('metrics in documents exist', () => {
  const named = mentions(/\b(nowcast_[a-z0-9_]+)/g)
  expect(named.length).toBeGreaterThan(30)
  // Most names are in the edge's code without `nowcast_edge_` and `player_`, which are added in one place.
  const isIn = (text: string, name: string) =>
    text.includes(name) || text.includes(`'${name.replace(/^nowcast_edge_(?:player_)?/, '')}'`)
  const wrong = named.filter(
    ({ name }) =>
      !code.some(({ text }) => isIn(text, name) || isIn(text, name.replace(/^nowcast_edge_/, ''))),
  )
  expect(wrong).toEqual([])
})

test('docs/api.md has every call, every error and no other', async () => {
  const { paths } = (await manager.get<{ paths: Record<string, object> }>('/openapi.json')).body
  const calls = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const documented = firstCells('docs/api.md', '## Calls')
    .map((cell) => cell.replaceAll('`', '').split('?', 1)[0] ?? '')
    .filter((call) => !call.includes('/healthz'))
  expect(documented.sort()).toEqual(calls.filter((call) => !/healthz|readyz|metrics/.test(call)).sort())
  const [, errors = ''] = textOf('docs/api.md').split('\n## Errors\n')
  const codes = [...errors.matchAll(/^\| [\d, ]+ \| ([^|]+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, code = '']) => code),
  )
  expect(codes.sort()).toEqual(Object.keys(problems).sort())
})

test('docs/operate.md has every reason for the end of a session', () => {
  const reasons = firstCells('docs/operate.md', '## Why a session ended').map((cell) =>
    cell.replaceAll('`', ''),
  )
  expect(reasons.sort()).toEqual([...endReasons].sort())
})

test('docs/publish.md has every sentence with which a publish is refused', () => {
  const inCall = /(?:refuse\(\s*'\w+',\s*|reason: '\w+', description: )'([A-Z].*?\.)'/g
  const inConstant = /^const \w+ = ['`]([A-Z].*?\.)['`]$/gm
  const sentences = code
    .filter(({ path }) => /^ingest\/(?:rtmp|publish)\//.test(path))
    .flatMap(({ text }) => [inCall, inConstant].flatMap((pattern) => [...text.matchAll(pattern)]))
    .map(([, sentence = '']) => sentence.replace(/\$\{appName\}/, 'live'))
  expect(sentences.length).toBeGreaterThan(5)
  expect(firstCells('docs/publish.md', '## When a publish is refused').sort()).toEqual(sentences.sort())
})

test('docs/watch.md has titles of the watch page', () => {
  const words = textOf('player/watch/screen/words.ts')
  for (const cell of firstCells('docs/watch.md', '## What viewers see'))
    for (const title of cell.split(', ')) expect(words, title).toContain(title)
})

test('the figures of the README are those of bench/results', () => {
  const readme = textOf('README.md')
  expect(withFigures(readme, (name) => textOf(`bench/results/${name}.md`) || undefined)).toBe(readme)
})
