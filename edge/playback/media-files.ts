import type { Exchange } from '../http/exchange.ts'
import { notFound } from '../objects/failure.ts'
import type { PlaybackRequest } from '../objects/playback-request.ts'
import type { KnownRendition } from '../outline/known-rendition.ts'
import { lists, mayBeNew } from '../outline/outline.ts'
import { isFailure, type Outcome } from '../upstream/loader.ts'
import type { KnownOrigin } from '../upstream/origin-table.ts'
import { type EnterFlight, isMissing } from './flight-entry.ts'
import type { MayGuess } from './guesses.ts'
import { hasName, type Refresh } from './refresh.ts'
import type { Responder } from './responder.ts'

export interface MediaFilesOptions {
  enter: EnterFlight
  refresh: Refresh
  mayGuess: MayGuess
  responder: Responder
  now(): number
}

export type FileRequest = PlaybackRequest & {
  path: Extract<PlaybackRequest['path'], { kind: 'init' | 'segment' | 'part' }>
}

export function isFileRequest(request: PlaybackRequest): request is FileRequest {
  const { kind } = request.path
  return kind === 'init' || kind === 'segment' || kind === 'part'
}

/**
 * Creates the handler of requests for init segments, segments and parts that are not in the cache. Apart from
 * a few guesses, the origin is asked only for what a playlist lists, because clients learn of media nowhere
 * else.
 */
export function createMediaFiles({ enter, refresh, mayGuess, responder, now }: MediaFilesOptions) {
  function load(exchange: Exchange, request: FileRequest, known: KnownOrigin, isGuess: boolean) {
    enter(exchange, { request: { ...request, isGuess }, known, time: now() }, (outcome) => {
      if (!isFailure(outcome)) return responder.send(exchange, outcome, now())
      if (isMissing(outcome)) forgetOld(known.media.of(request.path.rendition), request.path)
      responder.refuse(exchange, outcome)
    })
  }

  function judge(exchange: Exchange, request: FileRequest, known: KnownOrigin, isLastTry: boolean) {
    const { path } = request
    const rendition = known.media.of(path.rendition)
    const outline = rendition?.outline
    const again = (outcome: Outcome) => {
      if (isFailure(outcome) && outcome.status >= 500) responder.refuse(exchange, outcome)
      else judge(exchange, request, known, true)
    }
    if (outline !== undefined && lists(outline, path)) return load(exchange, request, known, false)
    // The edge cannot read the rendition's playlist, or does not know the rendition. Only the origin knows
    // then what exists.
    const isUnknown = outline === undefined && (rendition !== undefined || !hasName(known, path.rendition))
    if (isUnknown) {
      if (mayGuess(request, known)) return load(exchange, request, known, true)
    } else if (!isLastTry) {
      const isSoon = outline !== undefined && mayBeNew(outline, path)
      if (refresh(exchange, { path, known, isSoon }, again)) return
    }
    responder.refuse(exchange, notFound)
  }

  return (exchange: Exchange, request: FileRequest, known: KnownOrigin): void =>
    judge(exchange, request, known, false)
}

/** Removes a segment from the outline when it has left the playlist and the origin no longer has it. */
function forgetOld(rendition: KnownRendition | undefined, path: FileRequest['path']) {
  if (path.kind !== 'init' && path.msn < (rendition?.outline?.firstMsn ?? 0)) rendition?.forget(path.msn)
}
