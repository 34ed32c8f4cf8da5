import type { MediaPath } from '../../../core/playback/media-paths.ts'
import type { Presentation } from '../interface.ts'
import type { PartPlace, RenditionStream } from '../rendition-stream.ts'
import { type Exchange, refuse, sendMedia } from './answer.ts'
import * as cacheControl from './cache-control.ts'

export type MediaFile = Extract<MediaPath, { kind: 'init' | 'segment' | 'part' }>

/** Answers a request for an init segment, a segment or a part. */
export function serveMedia(exchange: Exchange, presentation: Presentation, path: MediaFile) {
  const stream = presentation.streams.get(path.rendition)
  if (!stream) return refuse(exchange, 404, 'no such rendition', cacheControl.uncacheable)
  if (path.kind === 'part') return servePart(exchange, stream, path)
  const pieces =
    path.kind === 'init'
      ? [stream.init(path.epoch)].flatMap((init) => init ?? [])
      : stream.segment(path.epoch, path.msn)?.parts.map((part) => part.data)
  send(exchange, stream, pieces ?? [])
}

/**
 * RFC 8216bis 6.2.6: "When processing requests for a URI … that includes one or more Partial Segments that are not yet completely available
 * to be sent …, the server MUST refrain from transmitting any bytes belonging to a Partial Segment until all bytes of that Partial Segment
 * can be transmitted at the full speed of the link to the client." And: "The server SHOULD respond with "Not Found" (such as HTTP 404) to
 * a request for a resource that it cannot find and that is not specified by an EXT-X-PRELOAD-HINT tag".
 */
function servePart(exchange: Exchange, stream: RenditionStream, place: PartPlace) {
  const wasHinted = isHinted(stream, place)
  const state = () => {
    if (stream.part(place)) return 'ready'
    return wasHinted && mayStillCome(stream, place) ? 'pending' : 'gone'
  }
  const free = stream.waits.add(state, (end) => {
    if (end === 'late' || end === 'full')
      return refuse(exchange, 503, 'not there in time', cacheControl.uncacheable, { 'retry-after': '1' })
    send(
      exchange,
      stream,
      [stream.part(place)?.data].flatMap((data) => data ?? []),
    )
  })
  exchange.response.once('close', free)
}

function isHinted({ hint }: RenditionStream, place: PartPlace): boolean {
  return hint?.epoch === place.epoch && hint.msn === place.msn && hint.part === place.part
}

/** A hinted part will not come when its segment ended before it, or another epoch took over. */
function mayStillCome(stream: RenditionStream, place: PartPlace): boolean {
  const { hint } = stream
  return hint?.epoch === place.epoch && hint.msn <= place.msn
}

function send(exchange: Exchange, stream: RenditionStream, pieces: readonly Buffer[]) {
  if (pieces.length === 0) return refuse(exchange, 404, 'no such media', cacheControl.uncacheable)
  sendMedia(exchange, pieces, stream.plan.kind, cacheControl.immutable)
}
