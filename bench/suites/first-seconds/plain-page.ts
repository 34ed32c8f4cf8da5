import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

declare global {
  interface Window {
    /** `details` of the errors that hls.js reported; ` (fatal)` is added to those of fatal errors. */
    hlsErrors: string[]
  }
}

/** Serves a page that plays a playlist with hls.js alone, with its default settings and `lowLatencyMode`. */
export async function servePlainPage() {
  const library = readFileSync(createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js'))
  const server = createServer((request, response) => {
    if (request.url === '/hls.js') {
      response.setHeader('content-type', 'text/javascript').end(library)
      return
    }
    const url = new URL(request.url ?? '/', 'http://page').searchParams.get('playlist') ?? ''
    response.setHeader('content-type', 'text/html').end(pageFor(url))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    urlFor: (playlist: string) => `http://127.0.0.1:${port}/?playlist=${encodeURIComponent(playlist)}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const pageFor = (playlist: string) => `<!doctype html><link rel=icon href=data:,>
<video muted autoplay playsinline style="width:640px"></video>
<script src="/hls.js"></script>
<script>
window.hlsErrors = []
const hls = new Hls({ lowLatencyMode: true })
hls.on(Hls.Events.ERROR, (_, { details, fatal }) => window.hlsErrors.push(fatal ? details + ' (fatal)' : details))
hls.loadSource(${JSON.stringify(playlist).replaceAll('<', '\\u003c')})
hls.attachMedia(document.querySelector('video'))
</script>`
