import { expect, test, vi } from 'vitest'
import { createApi } from './api.ts'

/** Creates a fetch that returns these responses in turn, and then a network error. */
const responding = (...responses: Response[]) =>
  vi.fn<typeof fetch>(async () => responses.shift() ?? Response.error())

test('the token is sent in a header, never in the URL', async () => {
  const request = responding(Response.json({ items: [], nextCursor: null }))
  await createApi({ token: 'secret-token', request }).channels()
  const [url, init] = request.mock.calls[0] ?? []
  expect(String(url)).not.toContain('secret-token')
  expect(new Headers(init?.headers).get('authorization')).toBe('Bearer secret-token')
})

test('reads all pages of channels', async () => {
  const request = responding(
    Response.json({ items: [{ slug: 'a' }], nextCursor: 'x y' }),
    Response.json({ items: [{ slug: 'b' }], nextCursor: null }),
  )
  const channels = await createApi({ token: 't', request }).channels()
  expect(channels.map(({ slug }) => slug)).toEqual(['a', 'b'])
  expect(request.mock.calls[1]?.[0]).toBe('v1/channels?limit=200&cursor=x%20y')
})

test.each([
  [401, { title: 'Wrong', detail: 'The token is wrong' }, 'unauthorized', 'The token is wrong.'],
  [409, { title: 'Slug already in use' }, 'refused', 'Slug already in use.'],
  [503, 'no JSON', 'refused', 'The manager responded with status 503.'],
])('status %d', async (status, body, kind, message) => {
  const response = typeof body === 'string' ? new Response(body, { status }) : Response.json(body, { status })
  await expect(createApi({ token: 't', request: responding(response) }).remove('demo')).rejects.toMatchObject(
    { kind, message },
  )
})

test('a manager that does not respond differs from one that refuses', async () => {
  const request = vi.fn<typeof fetch>().mockRejectedValue(new TypeError('fetch failed'))
  await expect(createApi({ token: 't', request }).streamKey('demo')).rejects.toMatchObject({ kind: 'away' })
})

test('a response without a body is a success', async () => {
  await expect(
    createApi({ token: 't', request: responding(new Response(null, { status: 204 })) }).remove('demo'),
  ).resolves.toBeUndefined()
})

test('a file is sent as it is, with its type', async () => {
  const request = responding(Response.json({}), Response.json({}))
  const file = new Blob(['picture'], { type: 'image/png' })
  await createApi({ token: 't', request }).putSlate('demo', file)
  await createApi({ token: 't', request }).putSlate('demo', new Blob(['unknown']))
  expect(request.mock.calls[0]).toMatchObject(['v1/channels/demo/slate', { method: 'PUT', body: file }])
  const types = request.mock.calls.map(([, init]) => new Headers(init?.headers).get('content-type'))
  expect(types).toEqual(['image/png', 'application/octet-stream'])
})

test('a file beyond the limit is refused before it is sent', async () => {
  const request = responding()
  const file = new Blob([new Uint8Array(9_000_000)], { type: 'image/png' })
  await expect(createApi({ token: 't', request }).putSlate('demo', file)).rejects.toMatchObject({
    kind: 'refused',
    message: 'A slate has at most 8 MiB; this file has 9.0 MB.',
  })
  expect(request).not.toHaveBeenCalled()
})

test('a downloaded file is its bytes, and a failure the problem', async () => {
  const problem = Response.json({ detail: 'The channel demo has no slate' }, { status: 404 })
  const api = createApi({ token: 't', request: responding(new Response('picture'), problem) })
  expect(await (await api.slate('demo')).text()).toBe('picture')
  await expect(api.slate('demo')).rejects.toMatchObject({ message: 'The channel demo has no slate.' })
})
