import { type MediaObject, playlistTag } from './media-object.ts'
import { relaxedPlaylist } from './relaxed-playlist.ts'
import { createForm } from './representation.ts'

/** The same playlist without parts, made once for all viewers; the object itself when it has none. */
export function relaxedOf(object: MediaObject): MediaObject {
  object.relaxed ??= relax(object)
  return object.relaxed
}

function relax(object: MediaObject): MediaObject {
  const { body, headers } = object.plain
  const text = body.toString()
  const relaxed = relaxedPlaylist(text)
  if (relaxed === text) return object
  const bytes = Buffer.from(relaxed)
  const kept = headers.slice(0, headers.indexOf('etag'))
  return {
    ...object,
    length: bytes.length,
    plain: createForm(bytes, playlistTag(bytes), kept),
    gzip: object.isCompressible ? undefined : null,
    relaxed: undefined,
  }
}
