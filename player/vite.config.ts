import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build, defineConfig, type Plugin } from 'vite'
import { leanHls } from './lean-hls.ts'

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

/**
 * Puts the head start into the page, behind the picture: it has to run before any other file has come. The manager allows
 * it by its hash.
 */
function inlineHeadStart(): Plugin {
  const source = join(import.meta.dirname, 'watch/head-start/main.ts')
  return {
    name: 'inline-head-start',
    transformIndexHtml: {
      order: 'post',
      async handler(html, { bundle }) {
        const place = '<!-- head start -->'
        if (!html.includes(place)) return html
        const script = bundle
          ? `<script>${await bundleScript(source)}</script>`
          : '<script type="module" src="/watch/head-start/main.ts"></script>'
        return html.replace(place, () => script)
      },
    },
  }
}

/** One script without imports, of the module at `source` and all that it needs. */
async function bundleScript(source: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      target: 'es2022',
      write: false,
      rollupOptions: { input: source, output: { format: 'iife' } },
    },
  })
  const [output] = [result].flat()
  if (output === undefined || !('output' in output)) throw new Error('the head start was not built')
  return output.output[0].code.trim().replaceAll('</', '<\\/')
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
  plugins: [leanHls(), preloadPlayback(), inlineStyle(), inlineHeadStart(), precompress()],
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
