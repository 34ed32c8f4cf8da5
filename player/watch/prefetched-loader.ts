import Hls, { type HlsConfig, type Loader, type LoaderContext } from 'hls.js'
import type { Answer } from './head-start/head-start.ts'

/** An answer that is there already or on its way; undefined: nobody asked. When it rejects, the network is asked. */
export type TakePrefetched = (url: string) => Promise<Answer> | undefined

/**
 * A loader for hls.js that gives what was fetched before hls.js was there, and goes over the network for all else. What
 * came side by side, beside hls.js itself, says little of the bandwidth: it counts as if it had come with `bandwidth`,
 * bits/s, so that it changes no estimate.
 */
export function prefetchedLoader<Context extends LoaderContext>(take: TakePrefetched, bandwidth: number) {
  type ContextLoader = Loader<Context>
  const Base = Hls.DefaultConfig.loader as unknown as { new (config: HlsConfig): ContextLoader }

  return class extends Base {
    #pending: (() => void) | undefined

    override abort() {
      const aborted = this.#pending
      this.#pending = undefined
      if (aborted) aborted()
      else super.abort()
    }

    override destroy() {
      this.#pending = undefined
      super.destroy()
    }

    override load(...[context, config, callbacks]: Parameters<ContextLoader['load']>) {
      const prefetched = take(context.url)
      if (prefetched === undefined) return super.load(context, config, callbacks)
      const { stats } = this
      this.context = context
      const pending = () => callbacks.onAbort?.(stats, context, null)
      this.#pending = pending
      const isWanted = () => {
        const wanted = this.#pending === pending
        if (wanted) this.#pending = undefined
        return wanted
      }
      prefetched.then(
        ({ data }) => {
          if (!isWanted()) return
          const end = performance.now()
          const start = end - (data.byteLength * 8000) / bandwidth
          Object.assign(stats.loading, { start, first: start, end })
          stats.loaded = stats.total = data.byteLength
          const body = context.responseType === 'arraybuffer' ? data : new TextDecoder().decode(data)
          callbacks.onSuccess({ url: context.url, data: body, code: 200 }, stats, context, null)
        },
        () => {
          if (isWanted()) super.load(context, config, callbacks)
        },
      )
    }
  }
}
