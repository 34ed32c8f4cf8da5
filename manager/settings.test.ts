import { expect, test } from 'vitest'
import { readManagerSettings } from './settings.ts'

test('has the defaults of the README', () => {
  expect(readManagerSettings({})).toMatchObject({
    managerPort: 8080,
    edgePort: 8088,
    rtmpPort: 1935,
    host: '127.0.0.1',
    databaseUrl: undefined,
    publicRtmpUrl: undefined,
  })
})

test.each([
  ['rtmp://in.example', 'rtmp://in.example/live'],
  ['rtmp://in.example:1936/', 'rtmp://in.example:1936/live'],
  ['rtmps://in.example/app', 'rtmps://in.example/app'],
])('adds the path to %s', (given, read) => {
  expect(readManagerSettings({ NOWCAST_PUBLIC_RTMP_URL: given }).publicRtmpUrl).toBe(read)
})

test('an error lists the invalid settings and repeats no secret', () => {
  const environment = {
    NOWCAST_MANAGER_PORT: '99999',
    DATABASE_URL: 'mysql://root:hunter2@db',
    NOWCAST_PUBLIC_RTMP_URL: 'http://in.example',
  }
  expect(() => readManagerSettings(environment)).toThrow(
    'NOWCAST_MANAGER_PORT must be a whole number from 0 to 65535; DATABASE_URL must be a postgres:// URL; NOWCAST_PUBLIC_RTMP_URL must be an rtmp:// or rtmps:// URL',
  )
})

test('a short cluster secret is refused with one line that does not repeat it', () => {
  const name = 'NOWCAST_CLUSTER_SECRET'
  expect(() => readManagerSettings({ [name]: 'x'.repeat(31) })).toThrow(
    `${name} must have at least 32 characters, for example those of \`openssl rand -hex 32\``,
  )
  expect(readManagerSettings({ [name]: 'x'.repeat(32) }).clusterSecret).toHaveLength(32)
})
