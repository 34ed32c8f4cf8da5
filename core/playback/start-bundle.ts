/**
 * Index of a start bundle. A bundle has what a newcomer needs to begin playback: the multivariant playlist,
 * the media playlists of one variant, their init segments, and the media from the last keyframe at or before
 * the start position. The index is the first line, as JSON. The bodies of the files follow it.
 */
export interface StartIndex {
  /** Name of the video rendition; that of the audio when there is no video. */
  rendition: string
  /** Start position: distance from the newest media, ms. */
  backMs: number
  /** Files in the order of their bodies: URI relative to the multivariant playlist, and length in bytes. */
  files: [uri: string, length: number][]
}

/** Bitrates that a newcomer can ask for, kbit/s. There are few, so that newcomers share responses. */
export const startRates = [400, 800, 1500, 3000, 6000, 12_000] as const
export type StartRate = (typeof startRates)[number]

/** Distances from the live edge that a newcomer can ask for, s. One below the hold-back is raised to it. */
export const startDistances = [0, 2, 4] as const
export type StartDistance = (typeof startDistances)[number]

/** Maximum length of the index, bytes. Parsers search no further for the end of its line. */
export const maxStartIndexBytes = 32_768

/** Builds a start bundle. Returns the index and the bodies, to be sent one after the other. */
export function writeStartBundle(
  { rendition, backMs }: Pick<StartIndex, 'rendition' | 'backMs'>,
  files: readonly (readonly [uri: string, body: Uint8Array])[],
): Uint8Array[] {
  const index: StartIndex = { rendition, backMs, files: files.map(([uri, body]) => [uri, body.length]) }
  return [new TextEncoder().encode(`${JSON.stringify(index)}\n`), ...files.map(([, body]) => body)]
}

/** Parses the first line of a start bundle; undefined when it is not valid. */
export function parseStartIndex(line: string): StartIndex | undefined {
  try {
    const index: Partial<StartIndex> | null = JSON.parse(line)
    const isFile = (file: unknown) =>
      Array.isArray(file) && typeof file[0] === 'string' && Number.isInteger(file[1]) && file[1] >= 0
    if (typeof index?.rendition !== 'string' || typeof index.backMs !== 'number') return undefined
    return index.files?.every(isFile) ? (index as StartIndex) : undefined
  } catch {
    return undefined
  }
}

/** Returns the number of bytes of all files of a bundle, without the index. */
export const bytesOfFiles = ({ files }: StartIndex): number =>
  files.reduce((sum, [, length]) => sum + length, 0)
