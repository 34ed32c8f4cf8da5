import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

const address = new URL('http://watch.test:8080/watch/demo?latency=ultra')

test('reads what the manager wrote', () => {
  const config = { slug: 'demo', title: 'Demo', hls: 'http://edge.test/live/demo/index.m3u8', latency: 'low' }
  expect(readConfig(JSON.stringify(config), address)).toEqual(config)
})

test('an unknown channel has a title to show', () => {
  const config = readConfig('{"slug":"nope","title":null,"hls":null,"unknown":true}', address)
  expect(config).toMatchObject({ title: 'nope', unknown: true })
})

test('under the development server the address of the page configures it', () => {
  expect(readConfig('"__NOWCAST_CONFIG__"', address)).toEqual({
    slug: 'demo',
    title: 'demo',
    hls: 'http://watch.test:8088/live/demo/index.m3u8',
    latency: 'ultra',
  })
})
