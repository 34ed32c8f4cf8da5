import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { isTest } from '../../test/kit/tree/boundary-rules.ts'
import { readTree } from '../../test/kit/tree/source-tree.ts'

const folder = 'transcoder/packager/'
const door = `${folder}packager.ts`

const imports = readTree()
  .filter(({ path }) => path.startsWith('transcoder/') && !isTest(path))
  .flatMap(({ path, imports }) =>
    imports.map((module) => ({
      from: path,
      to: module.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), module)) : module,
    })),
  )

test('the packager imports itself, Node.js and core, but not Redis', () => {
  const foreign = imports
    .filter(({ from }) => from.startsWith(folder))
    .filter(
      ({ to }) => !/^(?:transcoder\/packager\/|node:|core\/(?:media|mechanisms|playback|process)\/)/.test(to),
    )
  expect(foreign).toEqual([])
  expect(imports.filter(({ from, to }) => from.startsWith(folder) && to.includes('redis'))).toEqual([])
})

test('the transcoder imports the packager through its interface only', () => {
  const inner = imports
    .filter(({ from }) => !from.startsWith(folder))
    .filter(({ to }) => to.startsWith(folder) && to !== door)
  expect(inner).toEqual([])
})
