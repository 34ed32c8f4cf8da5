import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeTempDir } from '../../test/kit/temp-dir.ts'
import { parseStorePlace, s3AccessOf } from './store-place.ts'

const directory = makeTempDir()
afterAll(directory.remove)

test.each([
  [undefined, { kind: 'disk' }],
  ['disk', { kind: 'disk' }],
  ['off', { kind: 'off' }],
  ['s3://shows', { kind: 's3', bucket: 'shows', prefix: '' }],
  ['s3://shows.example/', { kind: 's3', bucket: 'shows.example', prefix: '' }],
  ['s3://shows/live/one', { kind: 's3', bucket: 'shows', prefix: 'live/one/' }],
])('%s is a place', (text, place) => {
  expect(parseStorePlace(text)).toEqual(place)
})

test.each(['Disk', 's3:', 's3://', 's3://A', 's3://shows/../x', 's3://shows/a b', 's3://u:p@shows', '/data'])(
  '%s is refused',
  (text) => {
    expect(() => parseStorePlace(text)).toThrow('must be disk, off, or s3://bucket')
  },
)

const none = {
  s3Endpoint: undefined,
  s3Region: 'eu-central-1',
  s3AccessKeyId: undefined,
  s3SecretAccessKey: undefined,
  s3CredentialsFile: undefined,
}

test('credentials come from the settings, or from a file of AWS', () => {
  const file = join(directory.path, 'credentials')
  writeFileSync(
    file,
    '[default]\naws_access_key_id = one\n  aws_secret_access_key=two\naws_session_token = three\n',
  )
  expect(s3AccessOf({ ...none, s3CredentialsFile: file })).toEqual({
    endpoint: 'https://s3.eu-central-1.amazonaws.com',
    region: 'eu-central-1',
    ...{ accessKeyId: 'one', secretAccessKey: 'two', sessionToken: 'three' },
  })
  const given = { ...none, s3Endpoint: 'http://store:9000', s3AccessKeyId: 'a', s3SecretAccessKey: 'b' }
  expect(s3AccessOf(given)).toMatchObject({ endpoint: 'http://store:9000', accessKeyId: 'a' })
})

test('without credentials, or with a file that has none, the start fails with a line that says what to do', () => {
  const file = join(directory.path, 'empty')
  writeFileSync(file, 'aws_access_key_id = one\n')
  expect(() => s3AccessOf(none)).toThrow(/needs NOWCAST_S3_CREDENTIALS_FILE/)
  expect(() => s3AccessOf({ ...none, s3CredentialsFile: file })).toThrow(/must have lines/)
  expect(() => s3AccessOf({ ...none, s3CredentialsFile: `${file}-not` })).toThrow(/ENOENT/)
})
