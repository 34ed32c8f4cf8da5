import { formatDirectives, parseDirectives } from '../../core/playback/delivery-directives.ts'
import { type MediaPath, parseMediaPath } from '../../core/playback/media-paths.ts'

/** What kind of answer a request is for; decides lifetimes, waits and limits, and labels metrics. */
export type ObjectClass = 'multivariant' | 'playlist' | 'held_playlist' | 'init' | 'segment' | 'part'

export const objectClasses = [
  'multivariant',
  'playlist',
  'held_playlist',
  'init',
  'segment',
  'part',
] as const satisfies readonly ObjectClass[]

/** A request that may be answered, in canonical form. */
export interface Wanted {
  /** Path and canonical query: the cache key, and what the origin is asked for. */
  key: string
  path: MediaPath
  class: ObjectClass
}

/** Longer than any media path can be, so that hostile paths are not even split. */
const longestPath = 256

/** What a request target asks for, or the status that refuses it without a word to any origin. */
export function wantedOf(target: string): Wanted | 400 | 404 {
  const question = target.indexOf('?')
  const pathText = question < 0 ? target : target.slice(0, question)
  if (pathText.length > longestPath) return 404
  const path = parseMediaPath(pathText)
  if (path === undefined) return 404
  if (path.kind !== 'playlist') return { key: pathText, path, class: path.kind }
  const directives = parseDirectives(question < 0 ? '' : target.slice(question + 1))
  if (directives === undefined) return 400
  const isHeld = directives.msn !== undefined
  return { key: pathText + formatDirectives(directives), path, class: isHeld ? 'held_playlist' : 'playlist' }
}

export const isPlaylist = (kind: ObjectClass) =>
  kind === 'multivariant' || kind === 'playlist' || kind === 'held_playlist'

/** Whether the origin may hold the request: blocking reloads until the part is there, hinted parts until they are whole. */
export const mayBeHeld = (kind: ObjectClass) => kind === 'held_playlist' || kind === 'part'
