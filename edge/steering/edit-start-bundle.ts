import { maxStartIndexBytes, parseStartIndex } from '../../core/playback/start-bundle.ts'

/**
 * Returns a start bundle after `edit` has changed its multivariant playlist, which is its first file. A
 * bundle that cannot be parsed is returned as it is.
 */
export function editStartBundle(bundle: Buffer, edit: (playlist: string) => string): Buffer {
  const end = bundle.subarray(0, maxStartIndexBytes).indexOf('\n')
  const index = end < 0 ? undefined : parseStartIndex(bundle.toString('utf8', 0, end))
  const [first, ...rest] = index?.files ?? []
  if (index === undefined || first === undefined) return bundle
  const [uri, length] = first
  const playlist = Buffer.from(edit(bundle.toString('utf8', end + 1, end + 1 + length)))
  const head = JSON.stringify({ ...index, files: [[uri, playlist.length], ...rest] })
  return Buffer.concat([Buffer.from(`${head}\n`), playlist, bundle.subarray(end + 1 + length)])
}
