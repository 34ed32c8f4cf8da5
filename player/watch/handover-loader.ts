import Hls, { type HlsConfig, type Loader, type PlaylistLoaderContext } from 'hls.js'

type PlaylistLoader = { new (config: HlsConfig): Loader<PlaylistLoaderContext> }

/**
 * A playlist loader for hls.js that answers the first request for the multivariant playlist with `playlist`, which the
 * page has fetched already to learn whether the channel is live. All else goes over the network.
 */
export function handoverLoader(playlist: string): PlaylistLoader {
  let handedOver = false
  const Base = Hls.DefaultConfig.loader as unknown as PlaylistLoader

  return class extends Base {
    #closed = false

    override abort() {
      this.#closed = true
      super.abort()
    }

    override destroy() {
      this.#closed = true
      super.destroy()
    }

    override load(...[context, config, callbacks]: Parameters<Loader<PlaylistLoaderContext>['load']>) {
      if (handedOver || context.type !== 'manifest') return super.load(context, config, callbacks)
      handedOver = true
      const { stats } = this
      stats.loading.start = stats.loading.first = stats.loading.end = performance.now()
      stats.loaded = stats.total = playlist.length
      // hls.js is still setting itself up when it asks: an answer has to come later, as from the network.
      queueMicrotask(() => {
        const response = { url: context.url, data: playlist, code: 200 }
        if (!this.#closed) callbacks.onSuccess(response, stats, context, null)
      })
    }
  }
}
