// A small site that plays a signed channel. Your server decides who may watch, asks the manager for a
// playback token, and serves a page that plays with hls.js. The admin token stays on the server. The only
// dependency is hls.js.
//
//   node server.mjs --channel show --manager http://127.0.0.1:8080 --token-file data/secrets/admin-token

import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'

const { values: options } = parseArgs({
  options: {
    channel: { type: 'string', default: 'show' },
    manager: { type: 'string', default: 'http://127.0.0.1:8080' },
    'token-file': { type: 'string', default: 'data/secrets/admin-token' },
    'hls-js': { type: 'string', default: 'node_modules/hls.js/dist/hls.min.js' },
    port: { type: 'string', default: '3000' },
    /** URL at which browsers reach this site. Tokens work on its pages only. */
    site: { type: 'string' },
  },
})

/** Lifetime of a token, s. The page requests a new token after a third of that time. */
const ttlSeconds = 900

const adminToken = (await readFile(options['token-file'], 'utf8')).trim()
const hlsJs = await readFile(options['hls-js'])
const pageHtml = await readFile(new URL('page.html', import.meta.url))
const site = new URL(options.site ?? `http://127.0.0.1:${options.port}`).origin

/**
 * Whether this visitor may watch. Check your session cookie, ticket or subscription here.
 * @param {import('node:http').IncomingMessage} _request
 */
function mayWatch(_request) {
  return true
}

/** Gets a token from the manager. Returns the playlist URL, which has the token in its path. */
async function newPlaylistUrl() {
  const response = await fetch(`${options.manager}/v1/channels/${options.channel}/playback-tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    // Browsers send the origin of the page with media requests. Add 'none' for apps, which send no origin.
    body: JSON.stringify({ ttlSeconds, origins: [site] }),
    signal: AbortSignal.timeout(5000),
  })
  if (!response.ok) throw new Error(`the manager responded ${response.status}: ${await response.text()}`)
  return (await response.json()).hls
}

const server = createServer(async (request, response) => {
  const send = (
    /** @type {number} */ status,
    /** @type {string} */ type,
    /** @type {string | Buffer} */ body,
  ) => response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
  const path = new URL(request.url ?? '/', site).pathname
  try {
    if (path === '/hls.js') send(200, 'text/javascript', hlsJs)
    else if (path === '/') send(200, 'text/html; charset=utf-8', pageHtml)
    else if (path !== '/playlist-url') send(404, 'text/plain', 'not found\n')
    else if (!mayWatch(request)) send(403, 'text/plain', 'sign in first\n')
    else {
      const renewAfterMs = (ttlSeconds * 1000) / 3
      send(200, 'application/json', JSON.stringify({ url: await newPlaylistUrl(), renewAfterMs }))
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    send(502, 'text/plain', 'playback is not available right now\n')
  }
})
server.listen(Number(options.port), () => console.log(`watch ${options.channel} at ${site}/`))
