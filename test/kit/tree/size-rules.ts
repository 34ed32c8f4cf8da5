import { posix } from 'node:path'
import { isTest, type TreeRule } from './boundary-rules.ts'
import { isCode, type SourceFile } from './source-file.ts'

const maxFileLines = 250
const maxFunctionLines = 80
const maxLets = 5
const maxFilesInFolder = 20
/** Maximum number of files directly in the folder of a role, where people begin to read it. */
const maxFilesInRole = 8
const roles = ['ingest', 'transcoder', 'edge', 'manager']
const maxSmallFiles = 12
const smallFileLines = 30

/** First words of files that a program wrote. Their size is not limited. */
const generatedMark = '// Made from '

export const fileSizes: TreeRule = (files) =>
  files
    .filter(({ path }) => isCode(path) || path.endsWith('.css'))
    .filter(({ text, lines }) => lines > maxFileLines && !text.startsWith(generatedMark))
    .map(({ path, lines }) => `${path} has ${lines} lines, ${maxFileLines} are allowed`)

/** Functions whose callbacks have no limits in tests: the tests of a group are read one by one. */
const groups = new Set(['describe', 'test', 'it'])

export const functionSizes: TreeRule = (files) =>
  files.flatMap(({ path, functions }) =>
    functions
      .filter(({ argumentOf }) => !(isTest(path) && groups.has(argumentOf ?? '')))
      .flatMap(({ name, line, lines, lets }) => [
        ...(lines > maxFunctionLines
          ? [`${path}:${line} ${name} has ${lines} lines, ${maxFunctionLines} are allowed`]
          : []),
        ...(lets > maxLets
          ? [`${path}:${line} ${name} has ${lets} variables that change, ${maxLets} are allowed`]
          : []),
      ]),
  )

export const folderSizes: TreeRule = (files) => {
  const folders = Map.groupBy(
    files.filter(({ path }) => isCode(path) && !isTest(path)),
    ({ path }) => posix.dirname(path),
  )
  return [...folders].flatMap(([folder, { length }]) => {
    const allowed = roles.includes(folder) ? maxFilesInRole : maxFilesInFolder
    return length > allowed ? [`${folder}/ has ${length} files, ${allowed} are allowed`] : []
  })
}

/**
 * Finds files of up to `smallFileLines` that only one file imports, if there are more than `maxSmallFiles`.
 * They should be part of their importers.
 */
export const fragments: TreeRule = (files) => {
  const code = files.filter(({ path }) => isCode(path) && !isTest(path))
  const importers = new Map<string, number>()
  for (const { path, imports } of code)
    for (const module of new Set(imports)) {
      const target = posix.normalize(posix.join(posix.dirname(path), module))
      importers.set(target, (importers.get(target) ?? 0) + 1)
    }
  const small = code.filter(({ path, lines }) => lines <= smallFileLines && importers.get(path) === 1)
  return small.length <= maxSmallFiles
    ? []
    : small.map(({ path, lines }: SourceFile) => `${path} has ${lines} lines and one importer`)
}
