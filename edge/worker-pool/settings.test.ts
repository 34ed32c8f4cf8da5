import { afterEach, expect, test, vi } from 'vitest'
import { shareOf, workerEnvironment } from './settings.ts'

afterEach(() => void vi.unstubAllEnvs())

const sharesOf = (limit: number, count: number) => {
  const settings = {
    cacheMb: limit,
    maxConnections: limit,
    maxConnectionsPerAddress: limit,
    maxWaiting: limit,
    maxUpstreamPerAddress: limit,
  }
  return Array.from({ length: count }, (_, index) => shareOf(settings, count, index))
}
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

test.each([
  [20, 3],
  [20_000, 7],
  [5, 5],
  [1, 1],
])('the workers have together what the edge may have: %i connections for %i workers', (limit, count) => {
  const shares = sharesOf(limit, count)
  for (const name of [
    'cacheMb',
    'maxConnections',
    'maxConnectionsPerAddress',
    'maxWaiting',
    'maxUpstreamPerAddress',
  ] as const)
    expect(sum(shares.map((share) => share[name]))).toBe(limit)
})

test('no worker is without a limit because its share is 0, and none gets a limit that the edge has not', () => {
  for (const share of sharesOf(3, 8)) expect(share.maxConnectionsPerAddress).toBe(1)
  for (const share of sharesOf(0, 8))
    expect([share.maxConnectionsPerAddress, share.maxUpstreamPerAddress]).toEqual([0, 0])
})

test('the environment of a worker has the settings of its edge, and no secrets', () => {
  for (const name of ['NOWCAST_CLUSTER_SECRET', 'NOWCAST_EDGE_SECRET', 'REDIS_URL']) vi.stubEnv(name, 'hush')
  const connections = { maxConnections: 10, maxConnectionsPerAddress: 5 }
  const limits = { ...connections, cacheMb: 64, maxWaiting: 7, maxUpstreamPerAddress: 9 }
  const keys = { peerKey: 'hush', tokenKey: 'hush' }
  const settings = { ...limits, keys, clusterSecret: 'hush', edgeSecret: 'hush', redisUrl: 'hush' }
  const environment = JSON.stringify(workerEnvironment(settings))
  expect(environment).toContain('maxWaiting')
  expect(environment).not.toContain('hush')
})
