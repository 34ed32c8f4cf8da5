import { posix } from 'node:path'
import type { SourceFile } from './source-file.ts'

/** Checks the files of the project. Returns one line for each violation. */
export type TreeRule = (files: readonly SourceFile[]) => string[]

const roles = ['ingest', 'transcoder', 'edge', 'manager']
/** Folders that each folder may import from, besides itself. Tests may import from test/ too. */
const mayImport: Record<string, readonly string[]> = {
  core: [],
  ...Object.fromEntries(roles.map((role) => [role, ['core']])),
  player: ['core'],
  client: ['core', 'manager'],
  infra: ['core'],
  bench: ['core', 'test'],
}
/** Libraries that at most one file per role imports (tests excepted), so that they can be replaced there. */
const wrapped = ['node-media-server', 'bullmq', 'fluent-ffmpeg', 'better-sqlite3', 'pg']

const folderOf = (path: string) => path.split('/', 1)[0] ?? ''
/** Whether a file is a test or is in test/. */
export const isTest = (path: string) => path.startsWith('test/') || /\.test\.\w+$/.test(path)
const isPackage = (name: string, module: string) => module === name || module.startsWith(`${name}/`)

export const imports: TreeRule = (files) =>
  files.flatMap(({ path, imports }) => {
    const folder = folderOf(path)
    const allowed = mayImport[folder]
    if (allowed === undefined) return []
    return imports
      .filter((module) => module.startsWith('.'))
      .map((module) => folderOf(posix.normalize(posix.join(posix.dirname(path), module))))
      .filter(
        (target) => target !== folder && !allowed.includes(target) && !(isTest(path) && target === 'test'),
      )
      .map((target) => `${path} imports from ${target}/`)
  })

export const adapters: TreeRule = (files) =>
  [...roles, 'core', 'infra'].flatMap((folder) =>
    wrapped.flatMap((name) => {
      const users = files.filter(
        ({ path, imports }) =>
          folderOf(path) === folder && !isTest(path) && imports.some((module) => isPackage(name, module)),
      )
      return users.length > 1 ? [`${name} is imported by ${users.map(({ path }) => path).join(' and ')}`] : []
    }),
  )

export const environment: TreeRule = (files) =>
  files
    .filter(({ path }) => !isTest(path) && !['infra', 'bench'].includes(folderOf(path)))
    .filter(({ path }) => posix.basename(path) !== 'settings.ts')
    .filter(({ members, imports }) => members.includes('process.env') || imports.includes('node:process'))
    .map(({ path }) => `${path} reads process.env`)

export const exits: TreeRule = (files) =>
  files
    .filter(
      ({ path }) => posix.basename(path) !== 'main.ts' && !/^infra\/(?:setup\/)?[\w-]+\.mjs$/.test(path),
    )
    .filter(({ members }) => members.includes('process.exit'))
    .map(({ path }) => `${path} exits the process`)

export const unfinished: TreeRule = (files) =>
  files.flatMap(({ path, text, comments, hasAny }) => [
    ...(/^(?:<{7}|>{7}) /m.test(text) ? [`${path} has the marks of a merge that was not finished`] : []),
    ...comments
      .map(({ text }) => text)
      .filter((comment) => /\b(?:TODO|FIXME|XXX|HACK)\b|@ts-(?:ignore|expect-error|nocheck)/.test(comment))
      .map((comment) => `${path}: ${comment.trim()}`),
    ...(hasAny ? [`${path} has the type any`] : []),
  ])

/** Absolute paths of one machine and addresses of package mirrors. They do not belong in a repository. */
const foreign =
  /(?<![\w.:-])\/(?:work|home|root|Users)\/\w|https?:\/\/[^\s/"']*(?:registry|artifactory|nexus|verdaccio)/i

export const portable: TreeRule = (files) =>
  files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) => (foreign.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [])),
  )
