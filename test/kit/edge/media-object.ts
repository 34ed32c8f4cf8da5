import { lifetimeOf } from '../../../edge/objects/lifetime.ts'
import {
  createMediaObject,
  type MediaObject,
  type MediaObjectOptions,
} from '../../../edge/objects/media-object.ts'

/** Creates an object. By default it is a media playlist with a lifetime of 1 s, made at time 0. */
export function testObject(change: Partial<MediaObjectOptions> = {}): MediaObject {
  const kind = change.class ?? 'playlist'
  return createMediaObject({
    key: '/k',
    class: kind,
    slug: 'demo',
    sessionId: 's_1',
    rendition: '720p',
    body: Buffer.from('#EXTM3U\n'),
    contentType: undefined,
    cacheControl: 'max-age=1',
    madeAt: 0,
    lifetime: lifetimeOf(kind, 'max-age=1'),
    ...change,
  })
}
