import Hls, {
  type ErrorData,
  Events,
  type HlsConfig,
  type LoaderCallbacks,
  type LoaderConfiguration,
  type LoaderContext,
} from 'hls.js'
import { vi } from 'vitest'
import { newStats } from '../../../player/watch/playback/body-loader.ts'
import { ModelMediaElement, ModelMediaSource } from './media-element.ts'
import type { createScriptedServer } from './scripted-server.ts'

const host = 'http://server.test'

/** Replaces the globals of a browser that hls.js uses. `vi.unstubAllGlobals` undoes this. */
export function stubBrowser(): void {
  vi.stubGlobal('self', globalThis)
  vi.stubGlobal('window', globalThis)
  vi.stubGlobal('location', { href: `${host}/` })
  vi.stubGlobal('MediaSource', ModelMediaSource)
  vi.stubGlobal('SourceBuffer', { prototype: { appendBuffer() {}, remove() {} } })
  vi.stubGlobal('HTMLVideoElement', ModelMediaElement)
  vi.stubGlobal('document', { createElement: () => new ModelMediaElement() })
}

/**
 * Starts hls.js itself. Without `config` it has its default settings, but no worker and no bandwidth test.
 * Its requests go to the scripted server.
 */
export function startRealPlayer(
  server: ReturnType<typeof createScriptedServer>,
  path: string,
  config: Partial<HlsConfig> = {},
) {
  const errors: ErrorData[] = []
  const video = new ModelMediaElement()
  vi.spyOn(URL, 'createObjectURL').mockImplementation((source) => {
    video.attach(source as unknown as ModelMediaSource)
    return 'blob:model'
  })
  const hls = new Hls({
    loader: loaderFor(server),
    enableWorker: false,
    testBandwidth: false,
    // The simulated viewer has the same first estimate.
    abrEwmaDefaultEstimate: 5_000_000,
    ...config,
  } as Partial<HlsConfig>)
  hls.on(Events.ERROR, (_, data) => errors.push(data))
  hls.attachMedia(video as unknown as HTMLMediaElement)
  hls.loadSource(host + path)
  return {
    hls,
    video,
    errors,
    close() {
      hls.destroy()
      video.close()
    },
  }
}

/**
 * Returns a loader class for hls.js that asks the scripted server, within the time limits that hls.js sets.
 */
function loaderFor(server: ReturnType<typeof createScriptedServer>) {
  return class {
    context: LoaderContext | null = null
    stats = newStats()
    #cancel: (() => void) | undefined
    #timer: NodeJS.Timeout | undefined
    #callbacks: LoaderCallbacks<LoaderContext> | undefined

    load(context: LoaderContext, config: LoaderConfiguration, callbacks: LoaderCallbacks<LoaderContext>) {
      const { loadPolicy } = config
      const url = new URL(context.url)
      this.context = context
      this.#callbacks = callbacks
      this.stats.loading.start = performance.now()
      const limitMs = Math.min(loadPolicy.maxTimeToFirstByteMs, loadPolicy.maxLoadTimeMs)
      this.#timer = setTimeout(() => {
        this.#end()
        callbacks.onTimeout(this.stats, context, null)
      }, limitMs)
      this.#cancel = server.request(url.pathname + url.search, ({ status, body }) => {
        this.#end()
        const { loading } = this.stats
        loading.first = loading.end = performance.now()
        this.stats.loaded = this.stats.total = body.length
        const { errorRetry } = loadPolicy
        // Only requests for the multivariant playlist are repeated by the loader itself.
        if (status >= 500 && errorRetry && this.stats.retry < errorRetry.maxNumRetry) {
          this.#timer = setTimeout(() => this.load(context, config, callbacks), errorRetry.retryDelayMs)
          this.stats.retry++
          return
        }
        if (status !== 200) return callbacks.onError({ code: status, text: '' }, context, null, this.stats)
        const data =
          context.responseType === 'arraybuffer' ? new Uint8Array(body).buffer : body.toString('utf8')
        callbacks.onSuccess({ url: context.url, data, code: 200 }, this.stats, context, null)
      })
    }
    #end() {
      clearTimeout(this.#timer)
      this.#cancel?.()
      this.#cancel = undefined
      this.#callbacks = undefined
    }
    abort() {
      const callbacks = this.#callbacks
      if (callbacks === undefined) return
      this.stats.aborted = true
      this.#end()
      if (this.context) callbacks.onAbort?.(this.stats, this.context, null)
    }
    destroy() {
      this.#end()
      this.context = null
    }
    getCacheAge = () => null
    getResponseHeader = () => null
  }
}
