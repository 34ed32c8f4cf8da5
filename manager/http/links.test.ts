import { fastify } from 'fastify'
import { expect, test } from 'vitest'
import { announceDeprecations } from './deprecation.ts'
import { linkNextPages } from './links.ts'

function createApp() {
  const app = fastify()
  linkNextPages(app)
  announceDeprecations(app)
  return app
}

test('a page links to the next one, and the last page to none', async () => {
  const app = createApp()
  app.get('/list', ({ query }) => ({
    items: [],
    nextCursor: (query as { cursor?: string }).cursor === undefined ? 'c.a>b' : null,
  }))
  const { headers } = await app.inject('/list?limit=2&cursor')
  expect(headers.link).toBeUndefined()
  const first = await app.inject('/list?limit=2&channel=a%26b')
  expect(first.headers.link).toBe('<?limit=2&channel=a%26b&cursor=c.a%3Eb>; rel="next"')
  const [, target = ''] = /^<(.*)>/.exec(String(first.headers.link)) ?? []
  const url = new URL(target, 'http://tv.example/below/v1/list?limit=2&channel=a%26b')
  expect([url.pathname, url.searchParams.get('cursor')]).toEqual(['/below/v1/list', 'c.a>b'])
})

test('a deprecated route says so, until when it works, and where to read about it', async () => {
  const app = createApp()
  const seen: (boolean | undefined)[] = []
  app.addHook('onRoute', ({ schema }) => void seen.push(schema?.deprecated))
  const deprecation = {
    since: '2027-01-01',
    sunset: '2027-06-30T12:00:00Z',
    document: 'https://tv.example/old',
  }
  app.get('/old', { config: { deprecation } }, () => ({ nextCursor: 'a' }))
  app.get('/new', () => ({ nextCursor: null }))
  const { headers } = await app.inject('/old')
  expect(headers).toMatchObject({
    deprecation: '@1798761600',
    sunset: 'Wed, 30 Jun 2027 12:00:00 GMT',
    link: '<https://tv.example/old>; rel="deprecation", <?cursor=a>; rel="next"',
  })
  expect((await app.inject('/new')).headers).not.toHaveProperty('deprecation')
  expect(seen).toContain(true)
  const wrong = { config: { deprecation: { since: 'soon' } } }
  expect(() => createApp().get('/x', wrong, () => '')).toThrow('not a time')
})
