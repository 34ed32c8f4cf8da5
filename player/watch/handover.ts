import type { HeadStart } from './head-start/head-start.ts'
import type { TakePrefetched } from './prefetched-loader.ts'

/**
 * What hls.js need not fetch: the multivariant playlist at `url`, once, which the page has fetched to learn whether the
 * channel is live, and what the head start has got.
 */
export function createHandover(
  url: string,
  playlist: string,
  headStart: HeadStart | undefined,
): TakePrefetched {
  let multivariant: ArrayBuffer | undefined = new TextEncoder().encode(playlist).buffer
  return (target) => {
    if (target !== url || multivariant === undefined) return headStart?.take(target)
    const answer = { data: multivariant, at: performance.now() }
    multivariant = undefined
    return Promise.resolve(answer)
  }
}
