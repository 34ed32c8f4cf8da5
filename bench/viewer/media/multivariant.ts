import { posix } from 'node:path'
import { readMultivariant } from '../../../test/kit/playlist.ts'

/** A variant of a multivariant playlist. */
export interface Variant {
  /** Path of its media playlist at the server. */
  target: string
  /** Value of BANDWIDTH, bits/s. */
  bandwidth: number
  /** Path of the playlist of its sound; undefined when the sound is in the variant or there is none. */
  audio: string | undefined
}

/**
 * Reads the variants (RFC 8216bis 4.4.6.2) in ascending order of their bandwidths, as hls.js does.
 * @throws Error when there is none
 */
export function readVariants(text: string, target: string): Variant[] {
  const { variants, media } = readMultivariant(text)
  if (!text.startsWith('#EXTM3U') || variants.length === 0) throw new Error('not a multivariant playlist')
  const resolve = (uri: string) => posix.join(posix.dirname(target), uri)
  const audioOf = (group: string | undefined) => {
    const inGroup = media.filter((each) => each.get('TYPE') === 'AUDIO' && each.get('GROUP-ID') === group)
    const uri = (inGroup.find((each) => each.get('DEFAULT') === 'YES') ?? inGroup[0])?.get('URI')
    return uri === undefined ? undefined : resolve(uri)
  }
  const all = variants
    .filter(({ attributes }) => variants.length === 1 || attributes.has('RESOLUTION') || !hasVideo(variants))
    .map(({ attributes, uri }) => ({
      target: resolve(uri),
      bandwidth: Number(attributes.get('BANDWIDTH')),
      audio: audioOf(attributes.get('AUDIO')),
    }))
  return all.toSorted((one, other) => one.bandwidth - other.bandwidth)
}

/** Whether a variant has a picture. hls.js then leaves out the variants that have none. */
const hasVideo = (variants: ReturnType<typeof readMultivariant>['variants']) =>
  variants.some(({ attributes }) => attributes.has('RESOLUTION'))
