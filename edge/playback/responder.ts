import type { Access } from '../access/access.ts'
import type { Exchange } from '../http/exchange.ts'
import { sendFailure, sendObject, sendToPeer } from '../http/responses.ts'
import { type Failure, notFound } from '../objects/failure.ts'
import type { MediaObject } from '../objects/media-object.ts'
import { isMediaPlaylist } from '../objects/playback-request.ts'
import { relaxedOf } from '../objects/relaxed-playlist.ts'
import type { OverloadState } from '../overload/overload-control.ts'
import type { Steer } from '../steering/steered-playlist.ts'
import type { Observer } from '../viewers/observer.ts'
import { countFailure, type Stats } from './stats.ts'

export interface ResponderOptions {
  access: Pick<Access, 'refusal' | 'isPeer'>
  overload: { readonly state: OverloadState }
  observer: Pick<Observer, 'recordServed'>
  steer: Steer
  stats: Stats
}

export type Responder = ReturnType<typeof createResponder>

/** Sends objects and failures to clients, and counts both. */
export function createResponder({ access, overload, observer, steer, stats }: ResponderOptions) {
  function refuse(exchange: Exchange, failure: Failure) {
    countFailure(stats, failure)
    sendFailure(exchange, failure)
  }

  /** Whether the overload allows a viewer parts. `sparing` leaves them to those who play parts already. */
  function hasParts({ target }: Exchange): boolean {
    const { step } = overload.state
    return step === 'open' || (step === 'sparing' && target.includes('_HLS_part='))
  }

  /**
   * Returns the variant of a stored object for a viewer: a media playlist without parts during overload,
   * otherwise the object with content steering.
   */
  function variantOf(exchange: Exchange, object: MediaObject): MediaObject {
    if (!isMediaPlaylist(object.class) || hasParts(exchange)) return steer(exchange, object)
    stats.relaxed += 1
    return relaxedOf(object)
  }

  /**
   * Sends an object. All media and playlists are sent here, so access is checked here: a client may have lost
   * it while it waited. `counter`: the statistic that counts a response that did not wait for the origin.
   */
  function send(exchange: Exchange, object: MediaObject, time: number, counter?: 'hits' | 'stale') {
    const refusal = access.refusal(exchange, object.slug)
    if (refusal !== undefined) return refuse(exchange, refusal)
    // Start bundles contain parts, so they are refused during overload. Newcomers then begin with a playlist
    // without parts.
    if (object.class === 'start' && overload.state.step !== 'open') return refuse(exchange, notFound)
    if (counter !== undefined) stats[counter] += 1
    if (access.isPeer(exchange)) {
      stats.bytes += sendToPeer(exchange, object, time)
      return
    }
    stats.bytes += sendObject(exchange, variantOf(exchange, object), time)
    observer.recordServed(exchange, object, time)
  }

  return { refuse, send }
}
