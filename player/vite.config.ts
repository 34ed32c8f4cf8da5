import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
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

/** Puts the style of the watch page into the page: one journey less before the first paint. */
function inlineStyle(): Plugin {
  return {
    name: 'inline-style',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        if (bundle === undefined || !html.includes('nowcast-config')) return html
        return html.replace(/<link rel="stylesheet"[^>]*href="\/([^"]+)"[^>]*>/g, (link, file: string) => {
          const style = bundle[file]
          return style?.type === 'asset' ? `<style>${style.source}</style>` : link
        })
      },
    },
  }
}

/** Puts `.br` and `.gz` beside every asset, so that a server can send them without work. */
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    // Not before: other plugins still change the code while the bundle is made.
    async writeBundle({ dir }, bundle) {
      if (dir === undefined) return
      const compressible = Object.keys(bundle).filter((fileName) => /\.(js|css|svg)$/.test(fileName))
      await Promise.all(compressible.map((fileName) => compress(join(dir, fileName))))
    },
  }
}

async function compress(path: string): Promise<void> {
  const source = await readFile(path)
  if (source.length < compressFrom) return
  await writeFile(`${path}.br`, brotliCompressSync(source))
  await writeFile(`${path}.gz`, gzipSync(source, { level: 9 }))
}

/** Builds the watch page and the console into `player/dist`, which the manager serves. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  plugins: [preloadPlayback(), inlineStyle(), precompress()],
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
