import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build, defineConfig, type Plugin } from 'vite'
import { leanHls } from './lean-hls.ts'

/** Minimum size of a file to compress, bytes. A smaller file fits into one packet anyway. */
const minCompressedBytes = 1024

/** Inlines the style of the watch page, to save a round trip before the first paint. */
function inlineStyle(): Plugin {
  return {
    name: 'inline-style',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        if (bundle === undefined || !html.includes('nowcast-config')) return html
        return html.replace(/<link rel="stylesheet"[^>]*href="\.?\/([^"]+)"[^>]*>/g, (link, file: string) => {
          const style = bundle[file]
          return style?.type === 'asset' ? `<style>${style.source}</style>` : link
        })
      },
    },
  }
}

/**
 * Inlines the script of `watch/head-start/`, which requests the first media before any other file is loaded.
 * It comes after the video element, which it uses. The manager's Content-Security-Policy allows it by its
 * hash.
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

/**
 * Bundles a script as one classic script, which runs while the page is parsed; a module would run later. `</`
 * is escaped, because it could end the script element.
 */
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
  if (output === undefined || !('output' in output)) throw new Error('the build has no head start')
  return output.output[0].code.trim().replaceAll('</', '<\\/')
}

/**
 * Adds a `.br` and a `.gz` file beside each script, style and SVG image of at least `minCompressedBytes`. The
 * manager serves these instead of compressing responses itself.
 */
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    // Compresses in this late hook, because other plugins may change the code in earlier ones.
    async writeBundle({ dir }, bundle) {
      if (dir === undefined) return
      const compressible = Object.keys(bundle).filter((fileName) => /\.(js|css|svg)$/.test(fileName))
      await Promise.all(compressible.map((fileName) => compress(join(dir, fileName))))
    },
  }
}

async function compress(path: string): Promise<void> {
  const source = await readFile(path)
  if (source.length < minCompressedBytes) return
  await writeFile(`${path}.br`, brotliCompressSync(source))
  await writeFile(`${path}.gz`, gzipSync(source, { level: 9 }))
}

/** Builds the watch page, the console and the coach page into `player/dist`, which the manager serves. */
export default defineConfig({
  root: import.meta.dirname,
  // Relative, so that pages work behind a proxy that serves them under a path.
  base: './',
  publicDir: false,
  plugins: [leanHls(), inlineStyle(), inlineHeadStart(), precompress()],
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
        join: `${import.meta.dirname}/join.html`,
        coach: `${import.meta.dirname}/coach.html`,
      },
    },
  },
})
