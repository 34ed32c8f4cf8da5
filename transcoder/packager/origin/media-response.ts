import type { MediaPath } from '../../../core/playback/media-paths.ts'
import type { Presentation } from '../presentation/presentation.ts'
import type { RenditionStream } from '../window/rendition-stream.ts'
import { mediaOf, type PartPlace } from '../window/segment.ts'
import type { SegmentMemory } from '../window/segment-memory.ts'
import * as cacheControl from './cache-control.ts'
import { type OriginRequest, refuse, sendBytes, sendMedia } from './response.ts'

export type MediaFile = Extract<MediaPath, { kind: 'init' | 'segment' | 'part' }>

/** Responds to a request for an init segment, a segment or a part; with 404 when it does not exist. */
export function serveMedia(request: OriginRequest, presentation: Presentation, path: MediaFile) {
  const stream = presentation.streams.get(path.rendition)
  if (!stream) return refuse(request, 404, 'no such rendition', cacheControl.uncacheable)
  if (path.kind === 'part') return servePart(request, stream, path)
  if (path.kind === 'segment') return serveSegment(request, stream, path)
  const init = stream.init(path.epoch)
  send(request, stream, init ? [init] : [])
}

/** Responds with the newest picture of a session; with 404 when there is none. */
export function servePicture(request: OriginRequest, presentation: Presentation | undefined) {
  const picture = presentation?.picture
  if (picture === undefined) return refuse(request, 404, 'no picture', cacheControl.uncacheable)
  sendBytes(request, [picture], 'image/jpeg', cacheControl.picture)
}

function serveSegment(request: OriginRequest, stream: RenditionStream, path: { epoch: number; msn: number }) {
  const segment = stream.segment(path.epoch, path.msn)
  const sendNow = () => send(request, stream, segment ? mediaOf(segment) : [], segment?.memory)
  if (segment?.stored === undefined || segment.stored.data) return sendNow()
  void segment.stored.read().then(sendNow)
}

/**
 * Responds to a request for a part. A request for the hinted part waits until the whole part exists: no byte
 * may be sent before (RFC 8216bis 6.2.6). A part that neither exists nor is hinted gets a 404.
 */
function servePart(request: OriginRequest, stream: RenditionStream, place: PartPlace) {
  const wasHinted = isHinted(stream, place)
  const state = () => {
    if (stream.part(place)) return 'ready'
    return wasHinted && mayStillCome(stream, place) ? 'pending' : 'gone'
  }
  const cancel = stream.waits.add(state, (end) => {
    if (end === 'late' || end === 'full')
      return refuse(request, 503, 'not available in time', cacheControl.uncacheable, { 'retry-after': '1' })
    const data = stream.part(place)?.data
    send(request, stream, data ? [data] : [], stream.segmentAt(place.msn)?.memory)
  })
  request.response.once('close', cancel)
}

function isHinted({ hint }: RenditionStream, place: PartPlace): boolean {
  return hint?.epoch === place.epoch && hint.msn === place.msn && hint.part === place.part
}

/** Whether a hinted part may still come: its segment has not ended, and no other epoch has begun. */
function mayStillCome({ hint }: RenditionStream, place: PartPlace): boolean {
  return hint?.epoch === place.epoch && hint.msn <= place.msn
}

/** Sends `pieces`, or a 404 if there are none. `memory` keeps them until the response is closed. */
function send(
  request: OriginRequest,
  stream: RenditionStream,
  pieces: readonly Buffer[],
  memory?: SegmentMemory,
) {
  if (pieces.length === 0) return refuse(request, 404, 'no such media', cacheControl.uncacheable)
  memory?.hold()
  request.response.once('close', () => memory?.release())
  sendMedia(request, pieces, stream.plan.kind, cacheControl.immutable)
}
