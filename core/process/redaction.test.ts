import { expect, test } from 'vitest'
import { createLog } from './log.ts'

/** Returns the line that a log writes for `fields` and `message`. */
function lineOf(fields: object, message = 'said'): string {
  const lines: string[] = []
  createLog('test', 'info', { write: (line: string) => void lines.push(line) }).info(fields, message)
  expect(() => JSON.parse(lines[0] ?? '')).not.toThrow()
  return lines.join('')
}

const secret = 'hush-Hush_1234567890ab'

test.each([
  ['at the top', { token: secret }],
  ['that is a list', { request: { key: [secret] } }],
  ['at any depth', { a: { b: { c: { d: [{ authorization: `Bearer ${secret}` }] } } } }],
  ['with quotes in it', { a: { b: { password: `"${secret}\\"${secret}` } } }],
  [
    'of a child of the log',
    { err: new Error('refused', { cause: { options: { headers: { token: secret } } } }) },
  ],
])('a secret field %s is not written', (_, fields) => {
  expect(lineOf(fields)).not.toContain(secret)
})

test.each([
  `connect redis://:${secret}@127.0.0.1:6379 failed`,
  `connect postgres://nowcast:${secret}@db/nowcast failed`,
  `401 for Authorization: Bearer ${secret}`,
  `published rtmp://host/live/sk_${secret}`,
  'copied nc_pat_hushHush1234567890abcd_1a2B3c',
  `GET /live/t/1.${secret}.${secret}/show/index.m3u8`,
  `GET /coach/co_${secret.repeat(3)}_/health?language=ko`,
  `GET /steering/show?a=1&token=${secret}&b=2`,
  `connect redis://cache:6379?password=${secret} failed`,
  `connect redis://:a@${secret}@cache:6379 failed`,
  `Referer: https://tv/watch?next=%2Flive%2Ft%2F1.${secret}%2Fshow`,
  `the manager responds with ${JSON.stringify({ title: 'Show', streamKey: `x${secret}` })}`,
  `the manager responds with ${JSON.stringify({ why: JSON.stringify({ token: `1.${secret}` }) })}`,
])('a secret in a text is not written: %s', (text) => {
  for (const line of [lineOf({}, text), lineOf({ detail: { why: text } }), lineOf({ err: new Error(text) })])
    expect(line).not.toMatch(/hush/i)
})

test('other fields and texts are written as they are', () => {
  const fields = {
    slug: 'key',
    url: 'http://127.0.0.1:80/live/t-shirts',
    keys: 3,
    why: 'the token is missing',
  }
  expect(JSON.parse(lineOf(fields, 'no key: a=b'))).toMatchObject({ ...fields, msg: 'no key: a=b' })
})
