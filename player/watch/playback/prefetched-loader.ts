import Hls, { type HlsConfig, type Loader, type LoaderContext } from 'hls.js'
import type { HeadStart } from '../head-start/head-start.ts'
import type { PrefetchedBody } from '../head-start/prefetch.ts'

/**
 * Returns the body that was requested ahead from a URL, complete or in progress; undefined when there is
 * none. After a rejection the network is used.
 */
export type TakePrefetched = (url: string) => Promise<PrefetchedBody> | undefined

/**
 * Hands over what hls.js does not have to fetch: the multivariant playlist at `url`, once, which the page has
 * fetched to find out whether the channel is live, and what the head start has requested.
 */
export function createHandover(
  url: string,
  playlist: string,
  headStart: HeadStart | undefined,
): TakePrefetched {
  let multivariant: ArrayBuffer | undefined = new TextEncoder().encode(playlist).buffer
  return (target) => {
    if (target !== url || multivariant === undefined) return headStart?.take(target)
    const body = { data: multivariant, completedAt: performance.now() }
    multivariant = undefined
    return Promise.resolve(body)
  }
}

/**
 * Creates a loader for hls.js that uses prefetched bodies and otherwise the network. Prefetched requests ran
 * in parallel with each other and with those of hls.js, so their times would make the measured bandwidth too
 * low. They are reported as if they had come with `bandwidth`, bits/s, which leaves the estimate as it is.
 */
export function prefetchedLoader<Context extends LoaderContext>(take: TakePrefetched, bandwidth: number) {
  type ContextLoader = Loader<Context>
  const Base = Hls.DefaultConfig.loader as unknown as { new (config: HlsConfig): ContextLoader }

  return class extends Base {
    #abortPending: (() => void) | undefined

    override abort() {
      const abortPending = this.#abortPending
      this.#abortPending = undefined
      if (abortPending) abortPending()
      else super.abort()
    }

    override destroy() {
      this.#abortPending = undefined
      super.destroy()
    }

    override load(...[context, config, callbacks]: Parameters<ContextLoader['load']>) {
      const prefetched = take(context.url)
      if (prefetched === undefined) return super.load(context, config, callbacks)
      const { stats } = this
      this.context = context
      const abortPending = () => callbacks.onAbort?.(stats, context, null)
      this.#abortPending = abortPending
      const isStillWanted = () => {
        const isCurrent = this.#abortPending === abortPending
        if (isCurrent) this.#abortPending = undefined
        return isCurrent
      }
      prefetched.then(
        ({ data }) => {
          if (!isStillWanted()) return
          const end = performance.now()
          const start = end - (data.byteLength * 8000) / bandwidth
          Object.assign(stats.loading, { start, first: start, end })
          stats.loaded = stats.total = data.byteLength
          const body = context.responseType === 'arraybuffer' ? data : new TextDecoder().decode(data)
          callbacks.onSuccess({ url: context.url, data: body, code: 200 }, stats, context, null)
        },
        () => {
          if (isStillWanted()) super.load(context, config, callbacks)
        },
      )
    }
  }
}
