import { isSessionId } from '../../core/contracts/id-patterns.ts'

declare const checked: unique symbol

/**
 * Name of an object in a segment store: the session id, a slash and the name of a file. It is safe in paths
 * and URLs as it is: no other text becomes a key.
 *
 *   <session>/<rendition>.<epoch>.<msn>.m4s  a segment
 *   <session>/index.<instance>.json          what one transcoder has stored of the session
 */
export type StoreKey = string & { readonly [checked]: true }

/** Place of a segment in a session. */
export interface SegmentPlace {
  rendition: string
  epoch: number
  msn: number
}

const segmentFile = /^([a-z0-9][a-z0-9-]{0,31})\.(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})\.m4s$/
const indexFile = /^index\.[\w-]{1,64}\.json$/

/** Returns the key that `text` is; undefined when it has another form. */
export function parseKey(text: string): StoreKey | undefined {
  const [sessionId = '', file = '', ...rest] = text.split('/')
  if (rest.length > 0 || !isSessionId(sessionId)) return undefined
  return segmentFile.test(file) || indexFile.test(file) ? (text as StoreKey) : undefined
}

/** @throws Error when a part of the key has another form */
function keyOf(sessionId: string, file: string): StoreKey {
  const key = parseKey(`${sessionId}/${file}`)
  if (key === undefined) throw new Error('this cannot be a key of the segment store')
  return key
}

/**
 * Returns the key of a segment. Transcoders of a session use different epochs, so none replaces the segments
 * of another.
 */
export const segmentKey = (sessionId: string, { rendition, epoch, msn }: SegmentPlace): StoreKey =>
  keyOf(sessionId, `${rendition}.${epoch}.${msn}.m4s`)

/** Returns the key of the index that a transcoder writes. */
export const indexKey = (sessionId: string, instance: string): StoreKey =>
  keyOf(sessionId, `index.${instance}.json`)

/** Returns the epoch of a segment's key; undefined for that of an index. */
export function epochOf(key: StoreKey): number | undefined {
  const epoch = segmentFile.exec(key.slice(key.indexOf('/') + 1))?.[2]
  return epoch === undefined ? undefined : Number(epoch)
}
