import { randomBytes } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { acceptsGzip, type Form, formOf } from './media-object.ts'
import { testObject } from './test-object.ts'

const header = ({ headers }: Form, name: string) => {
  const at = headers.indexOf(name)
  return at < 0 ? undefined : headers[at + 1]
}
const text = Buffer.from('#EXTINF:2,\n'.repeat(100))

test('Age is whole seconds since the origin made it, in both forms', () => {
  const object = testObject({ body: text, madeAt: 1000 })
  expect(header(formOf(object, false, 1999), 'age')).toBe('0')
  expect(header(formOf(object, true, 2000), 'age')).toBe('1')
  expect(header(formOf(object, false, 4700), 'age')).toBe('3')
  expect(header(formOf(object, true, 4700), 'age')).toBe('3')
})

test('the gzip form is made once', () => {
  const object = testObject({ body: text })
  const form = formOf(object, true, 0)
  expect(gunzipSync(Buffer.from(form.body as string, 'latin1'))).toEqual(text)
  expect(header(form, 'content-length')).toBe(String(form.body.length))
  expect(header(form, 'content-encoding')).toBe('gzip')
  expect(formOf(object, true, 0)).toBe(form)
  expect(header(formOf(object, false, 0), 'content-encoding')).toBeUndefined()
})

test('bytes stay as they are, small or large', () => {
  for (const length of [256, 15_000, 15_001, 100_000]) {
    const body = randomBytes(length)
    const form = formOf(testObject({ class: 'part', body }), false, 0)
    const sent = typeof form.body === 'string' ? Buffer.from(form.body, 'latin1') : form.body
    expect(sent.equals(body), String(length)).toBe(true)
  }
})

test('small playlists and media are sent as they are', () => {
  expect(header(formOf(testObject(), true, 0), 'content-encoding')).toBeUndefined()
  const segment = testObject({ class: 'segment', body: text, contentType: 'video/mp4' })
  expect(header(formOf(segment, true, 0), 'content-encoding')).toBeUndefined()
  expect(header(formOf(segment, true, 0), 'vary')).toBeUndefined()
})

test.each([
  ['gzip', true],
  ['gzip, deflate, br, zstd', true],
  ['br;q=1.0, gzip;q=0.8', true],
  ['gzip;q=0', false],
  ['br, gzip ; q=0.000, identity', false],
  ['br', false],
  ['identity', false],
  [undefined, false],
])('Accept-Encoding %s: %s', (value, accepted) => expect(acceptsGzip(value)).toBe(accepted))
