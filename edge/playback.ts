import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendFailure, sendMethodNotAllowed, sendObject, sendPreflight } from './answer.ts'
import type { Cache } from './cache.ts'
import { badRequest, edgeBusy, type Failure, notFound, notLive } from './failure.ts'
import { isFailure, type Loader, type Outcome } from './loader.ts'
import type { MediaObject } from './media-object.ts'
import type { KnownOrigin, OriginTable } from './origin-table.ts'
import type { OriginWatch } from './origin-watch.ts'
import { type Wanted, wantedOf } from './policy.ts'
import type { Refusals } from './refusals.ts'
import type { SlowReaders } from './slow-readers.ts'
import { countFailure, type Stats } from './stats.ts'
import { viewerIdOf } from './viewer-id.ts'
import type { Viewers } from './viewers.ts'
import type { WaitingRoom } from './waiting-room.ts'

export interface PlaybackParts {
  cache: Pick<Cache, 'get'>
  refusals: Pick<Refusals, 'get'>
  isInFlight(key: string): boolean
  waitingRoom: WaitingRoom<Outcome>
  loader: Loader
  origins: Pick<OriginTable, 'ofSession' | 'liveOn'>
  watch: Pick<OriginWatch, 'lookAgain'>
  viewers: Pick<Viewers, 'saw'>
  slowReaders: Pick<SlowReaders, 'watch'>
  stats: Stats
  /** The edge's clock: ms, never running backwards. */
  now(): number
}

/** Answers viewers: from memory where it can, else by joining or starting a flight to the origin. */
export function createPlayback(parts: PlaybackParts) {
  const { cache, refusals, waitingRoom, loader, origins, watch, viewers, slowReaders, stats, now } = parts

  function give(request: IncomingMessage, response: ServerResponse, object: MediaObject, time: number) {
    stats.bytes += sendObject(request, response, object, time)
    slowReaders.watch(request.socket, response)
    if (object.class === 'playlist' || object.class === 'held_playlist')
      viewers.saw(object.slug, viewerIdOf(request), time)
  }

  function refuse(response: ServerResponse, failure: Failure) {
    countFailure(stats, failure)
    sendFailure(response, failure)
  }

  /** Trouble with an origin is no reason to take away a playlist that is still of use. */
  function giveLastOrRefuse(
    request: IncomingMessage,
    response: ServerResponse,
    key: string,
    failure: Failure,
  ) {
    const last = failure.status >= 500 ? cache.get(key) : undefined
    const time = now()
    if (last === undefined || last.usableWhenFailing <= time) return refuse(response, failure)
    stats.stale += 1
    give(request, response, last, time)
  }

  function originOf({ path }: Wanted): KnownOrigin | undefined {
    if (path.kind === 'multivariant') return origins.liveOn(path.slug)
    const known = origins.ofSession(path.sessionId)
    return known?.origin.slug === path.slug ? known : undefined
  }

  function serve(request: IncomingMessage, response: ServerResponse, wanted: Wanted, time: number) {
    const object = cache.get(wanted.key)
    if (object !== undefined && object.freshUntil > time) {
      stats.hits += 1
      return give(request, response, object, time)
    }
    const known = originOf(wanted)
    if (known !== undefined) return fetchFor(request, response, wanted, known, object, time)
    if (wanted.path.kind === 'multivariant') return refuse(response, notLive)
    const looked = watch.lookAgain()
    if (looked === undefined) return refuse(response, notFound)
    void looked.then(() => {
      const found = originOf(wanted)
      if (response.destroyed) return
      if (found === undefined) refuse(response, notFound)
      else fetchFor(request, response, wanted, found, undefined, now())
    })
  }

  function fetchFor(
    request: IncomingMessage,
    response: ServerResponse,
    wanted: Wanted,
    known: KnownOrigin,
    lapsed: MediaObject | undefined,
    time: number,
  ) {
    // The session is in the key of every flight, so that nobody joins one to a session that was overtaken.
    const { path, key } = wanted
    const flight = path.kind === 'multivariant' ? `${key} ${known.origin.sessionId}` : key
    if (lapsed !== undefined && lapsed.usableWhileRefreshing > time && parts.isInFlight(flight)) {
      stats.stale += 1
      return give(request, response, lapsed, time)
    }
    const playlistAt = path.kind === 'multivariant' ? undefined : known.playlistAt.get(path.rendition)
    const refusal = refusals.get(key, time, playlistAt ?? -Infinity)
    if (refusal !== undefined) return giveLastOrRefuse(request, response, key, refusal)
    const entered = waitingRoom.enter(request, response, {
      key: flight,
      whenLeft: wanted.class === 'held_playlist' ? 'abort' : 'keep',
      begin: (signal) => loader.load(wanted, known, signal),
      conclude(outcome) {
        if (isFailure(outcome)) giveLastOrRefuse(request, response, key, outcome)
        else give(request, response, outcome, now())
      },
    })
    if (entered === 'full') refuse(response, edgeBusy)
    else if (entered === 'joined') stats.coalesced += 1
    else stats.misses += 1
  }

  return function handle(request: IncomingMessage, response: ServerResponse): void {
    const { method, url = '' } = request
    if (method === 'GET' || method === 'HEAD') {
      const time = now()
      // Keys are canonical request targets: most requests find their object before they are read any closer.
      const object = cache.get(url)
      if (object !== undefined && object.freshUntil > time) {
        stats.hits += 1
        give(request, response, object, time)
        return
      }
      const wanted = wantedOf(url)
      if (wanted === 400) refuse(response, badRequest)
      else if (wanted === 404) refuse(response, notFound)
      else serve(request, response, wanted, time)
    } else if (method !== 'OPTIONS') sendMethodNotAllowed(response)
    else if (wantedOf(url) === 404) refuse(response, notFound)
    else sendPreflight(response)
  }
}
