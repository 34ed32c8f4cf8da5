import { brotliCompressSync, gzipSync, constants as zlib } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

/** Smaller files travel in one packet or two as they are. */
const compressFrom = 1024

/** Lets the browser fetch hls.js while the small entry, which imports it later, is still on its way. */
function preloadPlayback(): Plugin {
  return {
    name: 'preload-playback',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        if (bundle === undefined || !html.includes('nowcast-config')) return html
        const chunk = Object.keys(bundle).find((file) => /\/hls-playback-[^/]+\.js$/.test(file))
        if (chunk === undefined) throw new Error('the chunk of hls.js is missing from the build')
        return [{ tag: 'link', attrs: { rel: 'modulepreload', crossorigin: true, href: `/${chunk}` } }]
      },
    },
  }
}

/** Puts `.br` and `.gz` beside every asset, so that a server can send them without work. */
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    generateBundle(_, bundle) {
      for (const [fileName, file] of Object.entries(bundle)) {
        if (!/\.(js|css|svg)$/.test(fileName)) continue
        const source = Buffer.from(file.type === 'chunk' ? file.code : file.source)
        if (source.length < compressFrom) continue
        const quality = { params: { [zlib.BROTLI_PARAM_QUALITY]: 11 } }
        this.emitFile({
          type: 'asset',
          fileName: `${fileName}.br`,
          source: brotliCompressSync(source, quality),
        })
        this.emitFile({ type: 'asset', fileName: `${fileName}.gz`, source: gzipSync(source, { level: 9 }) })
      }
    },
  }
}

/** Builds the watch page and the console into `player/dist`, which the manager serves. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  plugins: [preloadPlayback(), precompress()],
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      input: {
        watch: `${import.meta.dirname}/watch.html`,
        console: `${import.meta.dirname}/console.html`,
      },
    },
  },
})
