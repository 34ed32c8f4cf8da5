import type { Loader, LoaderCallbacks, LoaderConfiguration, LoaderContext, LoaderStats } from 'hls.js'
import type { PrefetchedBody } from '../head-start/prefetch.ts'
import { setAwakeTimeout } from '../network/awake-timeout.ts'
import { type Body, type PendingBody, StatusError } from '../network/requests.ts'

/** Source of the response bodies that the loaders hand to hls.js. */
export interface BodySource {
  /**
   * Returns a body that the page already has or has requested; undefined when there is no such body. When the
   * promise rejects, the loader calls `request`.
   */
  prefetched(url: string): Promise<PrefetchedBody> | undefined
  /** Requests a body, or returns one that was requested ahead. */
  request(url: string, context: LoaderContext): PendingBody
  /** Returns the time after which a load times out, ms. `usualMs` is the timeout that hls.js asks for. */
  timeoutMs(context: LoaderContext, usualMs: number): number
}

/**
 * Maximum time by which a playlist counts as older than its load, ms. hls.js requests the version after the
 * next one of a playlist that is a target duration old.
 */
const maxEarlyMs = 700

/** Returns the statistics of a load that has not begun. hls.js adds the times of parsing and buffering. */
export const newStats = (): LoaderStats => ({
  aborted: false,
  loaded: 0,
  retry: 0,
  total: 0,
  chunkCount: 0,
  bwEstimate: 0,
  loading: { start: 0, first: 0, end: 0 },
  parsing: { start: 0, end: 0 },
  buffering: { start: 0, first: 0, end: 0 },
})

/**
 * Creates a loader class for hls.js that takes bodies from `source`. The loader never retries, because hls.js
 * does.
 */
export function createBodyLoader<Context extends LoaderContext>(source: BodySource) {
  return class BodyLoader implements Loader<Context> {
    context: Context | null = null
    stats = newStats()
    #callbacks: LoaderCallbacks<Context> | undefined
    #pending: PendingBody | undefined
    #cancelTimeout = () => {}
    #age: number | undefined

    load(context: Context, config: LoaderConfiguration, callbacks: LoaderCallbacks<Context>) {
      this.context = context
      this.#callbacks = callbacks
      this.stats.loading.start = performance.now()
      const timeoutMs = source.timeoutMs(context, config.loadPolicy.maxLoadTimeMs)
      this.#cancelTimeout = setAwakeTimeout(() => this.#timeOut(context), timeoutMs)
      void this.#run(context)
    }

    #timeOut(context: Context) {
      this.#pending?.abort()
      this.#end()?.onTimeout(this.stats, context, null)
    }

    async #run(context: Context) {
      const prefetched = await source.prefetched(context.url)?.catch(() => undefined)
      if (this.#callbacks === undefined) return
      try {
        if (prefetched !== undefined) return this.#succeed(context, prefetched.data)
        this.#pending = source.request(context.url, context)
        const body = await this.#pending.body
        this.#succeed(context, body.data, body)
      } catch (error) {
        const code = error instanceof StatusError ? error.status : 0
        this.#end()?.onError({ code, text: String(error) }, context, null, this.stats)
      }
    }

    #succeed(context: Context, data: ArrayBuffer, body?: Body) {
      const callbacks = this.#end()
      if (callbacks === undefined) return
      const { loading } = this.stats
      loading.end = performance.now()
      const isText = context.responseType !== 'arraybuffer'
      // hls.js takes `first` as the time when a playlist was new, which may be before the start of the load.
      const earliest = isText ? Math.min(loading.start, loading.end - maxEarlyMs) : loading.start
      loading.first = Math.min(loading.end, Math.max(earliest, body?.firstByteAt || loading.end))
      this.stats.loaded = this.stats.total = data.byteLength
      this.#age = body?.age
      const response = { url: context.url, data: isText ? new TextDecoder().decode(data) : data, code: 200 }
      callbacks.onSuccess(response, this.stats, context, null)
    }

    /** Ends the load. Returns its callbacks; undefined when the load had already ended. */
    #end() {
      this.#cancelTimeout()
      const callbacks = this.#callbacks
      this.#callbacks = undefined
      return callbacks
    }

    abort() {
      const callbacks = this.#end()
      if (callbacks === undefined) return
      this.stats.aborted = true
      this.#pending?.abort()
      if (this.context) callbacks.onAbort?.(this.stats, this.context, null)
    }

    destroy() {
      if (this.#end() !== undefined) this.#pending?.abort()
      this.context = null
    }

    getCacheAge = () => this.#age ?? null
  }
}
