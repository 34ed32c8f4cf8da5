import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { inRoot } from './paths.mjs'

interface Package {
  name?: string
  version?: string
  hasInstallScript?: boolean
  integrity?: string
  /** Whether it is part of another package. */
  inBundle?: boolean
  /** Whether it is for some systems only. npm did not see the hashes of those for other systems. */
  optional?: boolean
}

const { packages } = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8')) as {
  packages: Record<string, Package>
}

test('no package has an install script but those named, whose scripts are not run', () => {
  const scripted = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript)
  expect(scripted.map(([path]) => path)).toEqual(['node_modules/msgpackr-extract'])
  expect(readFileSync(inRoot('infra/setup/packages.mjs'), 'utf8')).toContain("'--ignore-scripts'")
})

test('each package is named with the hash of its content', () => {
  const named = Object.entries(packages).filter(([path]) => path !== '')
  expect(
    named.filter(([, each]) => !each.inBundle && !each.optional && !each.integrity?.startsWith('sha512-')),
  ).toEqual([])
})

test('what node-media-server lists but nothing here loads is not installed', () => {
  for (const name of ['express', 'express-jwt', 'jsonwebtoken', 'http2-express', 'cors'])
    for (const [path, each] of Object.entries(packages))
      if (path.endsWith(`node_modules/${name}`)) expect(each.name, path).toBe('empty-npm-package')
})
