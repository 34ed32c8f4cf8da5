import { expect, test } from 'vitest'
import { streamKeyOf } from './stream-name.ts'

const key = 'sk_0123456789-AZaz_'

test.each([
  ['live', key],
  ['live/', key],
  ['/live', key],
  ['live//', `/${key}`],
  ['live', `${key}/`],
  ['live', `//${key}//`],
  ['live', ` ${key} `],
  ['live', `\t${key}\r\n`],
  ['live', `\u00a0${key}\u200b`],
  ['live ', key],
  ['live', `"${key}"`],
  ['live', `<${key}>`],
  ['live', `${key}?`],
  ['live', `${key}?user=alice&pass=secret`],
  ['live', `${key}?vhost=__defaultVhost__&token=1`],
  ['live', `${key}/?a=b/c`],
  ['live', `${key}#1`],
  ['live?token=1', key],
  ['live/?token=1', key],
  ['live/_definst_', key],
  [`live/${key}`, ''],
  [`live/${key}?a=b`, ''],
  [`live/${key}`, key],
  ['live', `live/${key}`],
  ['live', `/live/${key}?a=b`],
  ['live', `rtmp://media.example:1935/live/${key}`],
  ['live', `rtmps://media.example/live/${key}?a=b`],
  ['', `rtmp://media.example/live/${key}`],
  ['app', ` rtmp://media.example/live/${key} `],
  ['live', `${key}&token=1`],
  ['live', `${key}?token=${'a'.repeat(3000)}`],
  ['live/_definst_/', `${key}/`],
  ['live', `_definst_/${key}`],
  ['rtmp://media.example/live', key],
  [`rtmp://media.example/live/${key}`, ''],
  [`live/${key}/`, `rtmp://media.example/live/${key}`],
  ['live', `\u201c${key}\u201d`],
  ['live', `\ufeff${key}`],
  ['live', encodeURIComponent(`rtmp://media.example/live/${key}`)],
  ['live', encodeURIComponent(` ${key} `)],
  ['live', encodeURIComponent(`${key}?user=alice`)],
  ['live', `media.example:1935/live/${key}`],
  ['live', `media.example/live/${key}?a=b`],
  ['live', `https://media.example/live/${key}`],
])('server %j, key %j', (app, streamName) => {
  expect(streamKeyOf(app, streamName)).toBe(key)
})

const made = 'sk_0123456789-AZaz_012345'

test.each([
  `Stream key: ${made}`,
  `key=${made}`,
  `(${made})`,
  `*${made}*`,
  `\`${made}\``,
  `mp4:${made}`,
  `${made}.flv`,
  `${made} live=1`,
  `${made};x=1`,
  `${made},`,
  `${made}.`,
  `${made}\\`,
  encodeURIComponent(encodeURIComponent(` ${made} `)),
  `rtmp://media.example/live/${made}.`,
])('the key in %j', (streamName) => {
  expect(streamKeyOf('live', streamName)).toBe(made)
})

test.each([`${made}x`, `${made}-`, made.slice(0, -1)])('%j is not taken for another key', (streamName) => {
  expect(streamKeyOf('live', streamName)).toBe(streamName)
})

test.each([
  ['live', '', 'bad_key', /key is missing/],
  ['live', '   ', 'bad_key', /key is missing/],
  ['live', '?user=alice', 'bad_key', /key is missing/],
  ['live', 'rtmp://media.example/live', 'bad_key', /key is missing/],
  ['', key, 'unknown_app', /server address must end with \/live/],
  ['app', key, 'unknown_app', /server address must end with \/live/],
  ['live/other', key, 'unknown_app', /server address must end with \/live/],
  ['Live', key, 'unknown_app', /server address must end with \/live/],
  [key, 'live', 'unknown_app', /server address must end with \/live/],
  ['live', `${key}/other`, 'bad_key', /no slash inside the stream key/],
  ['live', `other/${key}?a=b`, 'bad_key', /no slash inside the stream key/],
  ['live/instance', key, 'unknown_app', /server address must end with \/live/],
  ['live', `rtmp://media.example/other/${key}`, 'unknown_app', /server address must end with \/live/],
  ['live', 'a'.repeat(201), 'bad_key', /too long/],
  ['live', 'a'.repeat(5000), 'bad_key', /too long/],
])('server %j, key %j is refused: %s', (app, streamName, reason, words) => {
  const refused = streamKeyOf(app, streamName)
  expect(refused).toMatchObject({ refusal: { reason, description: expect.stringMatching(words) } })
  expect(JSON.stringify(refused)).not.toContain(key)
})

test('a key with a malformed escape is taken as it is', () => {
  expect(streamKeyOf('live', '%zz')).toBe('%zz')
})

test('what is pasted may be long and odd without taking long', () => {
  const begin = performance.now()
  for (const filler of [' ', '/', '%', '"', '\u0000', 'rtmp://'])
    streamKeyOf(`live${filler.repeat(500)}x`, `x${filler.repeat(4000 / filler.length)}x`)
  expect(performance.now() - begin).toBeLessThan(500)
})
