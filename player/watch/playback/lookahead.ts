import type { Ahead } from '../network/ahead.ts'

/** Maximum number of pieces of one track that are on the way at the same time. */
const maxParallel = 4
/**
 * Share of the time of a piece that the link may be idle between two pieces. Up to it, one piece at a time is
 * requested.
 */
const idleShare = 0.15

/** What the newest playlist of a track offers. A piece is a part or a whole segment. */
interface Offer {
  /** URLs of the pieces, oldest first. */
  pieces: readonly string[]
  /** URL of the announced part; undefined when it is not to be requested. */
  hint: string | undefined
  /** Typical length of a piece, bits. */
  pieceBits: number
  /** Bits that are on the way when the link is busy: its bandwidth multiplied by the round trip. */
  inFlightBits: number
}

/**
 * Requests the pieces of one track that hls.js will load next, in their order. No more are on the way than
 * keep the link busy: where the link is the limit, more would share its bandwidth, and the piece that is
 * needed first would arrive with the last. Nothing is requested before hls.js loads a piece of the playlist.
 */
export function createLookahead(ahead: Pick<Ahead, 'request' | 'settled' | 'drop'>) {
  let offer: Offer | undefined
  let current: { url: string; isLoaded: boolean } | undefined
  const requested = new Map<string, 'on the way' | 'ended'>()

  function request(url: string, isHeld: boolean) {
    requested.set(url, 'on the way')
    ahead.request(url, isHeld)
    const ended = () => {
      if (!requested.has(url)) return
      requested.set(url, 'ended')
      fill()
    }
    ahead.settled(url).then(ended, ended)
  }

  function fill() {
    if (offer === undefined || current === undefined) return
    const { pieces, hint, pieceBits, inFlightBits } = offer
    const at = pieces.indexOf(current.url)
    if (at < 0) return
    const idle = inFlightBits / pieceBits
    const parallel = Math.min(maxParallel, idle <= idleShare ? 1 : 1 + Math.ceil(idle))
    let onTheWay = current.isLoaded || requested.get(current.url) === 'ended' ? 0 : 1
    for (const url of [...pieces.slice(at + 1), ...(hint === undefined ? [] : [hint])]) {
      if (onTheWay >= parallel) return
      if (!requested.has(url)) request(url, url === hint)
      if (requested.get(url) === 'on the way') onTheWay++
    }
  }

  return {
    /** Must be called with each playlist of the track. */
    update(next: Offer): void {
      offer = next
      const isOffered = new Set([...next.pieces, next.hint])
      for (const url of requested.keys()) if (!isOffered.has(url)) requested.delete(url)
      fill()
    },

    /** Must be called when hls.js begins to load the piece at `url`. */
    loading(url: string): void {
      current = { url, isLoaded: false }
      fill()
    },

    /** Must be called when hls.js has loaded the piece at `url`. */
    loaded(url: string): void {
      if (current?.url === url) current.isLoaded = true
      fill()
    },

    /** Aborts the requests whose bodies hls.js has not taken. */
    clear(): void {
      for (const url of requested.keys()) ahead.drop(url)
      requested.clear()
      offer = undefined
    },
  }
}
