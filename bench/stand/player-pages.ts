import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

const require = createRequire(import.meta.url)

interface PlayerPage {
  /** Its script; undefined for the player of the browser itself. */
  script?: string
  /** JavaScript that starts the player, with `url` of the playlist and `video` in scope. */
  start: string
}

/** Players other than our watch page, each started as its documentation does it. */
const players: Record<string, PlayerPage> = {
  hlsjs: {
    script: require.resolve('hls.js/dist/hls.min.js'),
    // The bench `witnesses` reads `window.hls`.
    start: 'window.hls = new Hls(); hls.loadSource(url); hls.attachMedia(video)',
  },
  shaka: {
    script: require.resolve('shaka-player/dist/shaka-player.compiled.js'),
    start: `const player = new shaka.Player()
      await player.attach(video)
      player.configure({ streaming: { lowLatencyMode: true } })
      await player.load(url)`,
  },
  videojs: {
    script: require.resolve('video.js/dist/video.min.js'),
    start: `videojs(video).src({ src: url, type: 'application/vnd.apple.mpegurl' })`,
  },
  browser: { start: 'video.src = url' },
}

const pageOf = (name: string, { script, start }: PlayerPage, url: string) => `<!doctype html>
<link rel="icon" href="data:,">
<video muted autoplay playsinline style="width: 960px"></video>
${script === undefined ? '' : `<script src="/${name}.js"></script>`}
<script type="module">
const [url, video] = [${JSON.stringify(url)}, document.querySelector('video')]
${start}
</script>`

/** Serves a bare page for each other player. The page itself does not pass the link; the playlist does. */
export async function servePlayerPages(playlistUrl: string) {
  const server = createServer(({ url = '' }, response) => {
    const [, name = '', isScript] = /^\/(\w+)(\.js)?$/.exec(url) ?? []
    const player = players[name]
    if (player === undefined) response.writeHead(404).end()
    else if (isScript && player.script !== undefined)
      response.setHeader('content-type', 'text/javascript').end(readFileSync(player.script))
    else response.setHeader('content-type', 'text/html').end(pageOf(name, player, playlistUrl))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    urlOf: (player: string) => `http://127.0.0.1:${port}/${player}`,
    close: () => void server.close(),
  }
}
