import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTempDir } from '../../test/kit/temp-dir.ts'
import { deriveClusterKeys, keepEdgeSecret, openClusterKeys, openEdgeKeys } from './cluster-keys.ts'

const clusterSecret = 'a-cluster-secret-with-32-characters'
const unset = { clusterSecret: undefined, edgeSecret: undefined }

let dir: ReturnType<typeof makeTempDir>
beforeEach(() => {
  dir = makeTempDir()
})
afterEach(() => dir.remove())

test('each purpose has a key of its own', () => {
  const keys = deriveClusterKeys(clusterSecret)
  const all = [...Object.values(keys), clusterSecret]
  expect(all.length).toBeGreaterThan(4)
  expect(new Set(all).size).toBe(all.length)
})

test('an edge has the same keys from the cluster secret, its own secret and the file', () => {
  const { peerKey, tokenKey, edgeSecret } = deriveClusterKeys(clusterSecret)
  const dataDir = dir.path
  expect(openEdgeKeys({ ...unset, edgeSecret, dataDir })).toEqual({ peerKey, tokenKey })
  expect(openEdgeKeys({ ...unset, clusterSecret, dataDir })).toMatchObject({ peerKey, tokenKey })
  keepEdgeSecret(dataDir, { edgeSecret })
  expect(openEdgeKeys({ ...unset, dataDir })).toEqual({ peerKey, tokenKey })
})

test('the file of the edge secret follows the cluster secret, and only its owner can read it', () => {
  const file = join(dir.path, 'secrets', 'edge-secret')
  mkdirSync(join(dir.path, 'secrets'))
  writeFileSync(file, `${'former'.repeat(8)}\n`)
  const { edgeSecret } = deriveClusterKeys(clusterSecret)
  keepEdgeSecret(dir.path, { edgeSecret })
  expect(readFileSync(file, 'utf8')).toBe(`${edgeSecret}\n`)
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('roles that share a data dir have the same keys without any setting', () => {
  const keys = openClusterKeys({ ...unset, dataDir: dir.path })
  expect(openClusterKeys({ ...unset, dataDir: dir.path })).toEqual(keys)
  expect(openEdgeKeys({ ...unset, dataDir: dir.path }).peerKey).toBe(keys.peerKey)
})
