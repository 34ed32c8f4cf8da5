/** A variant of a multivariant playlist, as far as a start needs it. URLs are absolute. */
export interface Variant {
  url: string
  /** Bits/s. */
  bandwidth: number
  /** Width of the picture, pixels; 0 when the playlist does not say. */
  width: number
  /** CODECS; empty when the playlist does not say. */
  codecs: string
  /** URL of its audio rendition; undefined when sound travels with the picture. */
  audio: string | undefined
}

/** Reads the variants of a multivariant playlist (RFC 8216bis §4.4.6.2) that was found at `base`. */
export function readVariants(playlist: string, base: string): Variant[] {
  const audio = new Map<string, string>()
  const variants: Variant[] = []
  const lines = playlist.split(/\r?\n/)
  lines.forEach((line, i) => {
    if (line.startsWith('#EXT-X-MEDIA:')) {
      const { TYPE, URI, DEFAULT, 'GROUP-ID': group = '' } = readAttributes(line)
      if (TYPE === 'AUDIO' && URI && (DEFAULT === 'YES' || !audio.has(group)))
        audio.set(group, new URL(URI, base).href)
    }
    if (!line.startsWith('#EXT-X-STREAM-INF:')) return
    const uri = lines.slice(i + 1).find((next) => next !== '' && !next.startsWith('#'))
    if (uri === undefined) return
    const { BANDWIDTH, RESOLUTION = '', CODECS = '', AUDIO = '' } = readAttributes(line)
    variants.push({
      url: new URL(uri, base).href,
      bandwidth: Number(BANDWIDTH),
      width: Number.parseInt(RESOLUTION, 10) || 0,
      codecs: CODECS,
      audio: AUDIO,
    })
  })
  return variants.map((variant) => ({ ...variant, audio: audio.get(variant.audio ?? '') }))
}

/** A variant should take no more than this share of the bandwidth. */
const bandwidthShare = 0.7

/**
 * The variant to start with: the richest that `bandwidth` (bits/s) carries well and that is no larger than it takes to
 * fill `width` pixels; when none is so poor, the poorest.
 */
export function chooseVariant(variants: Variant[], bandwidth: number, width: number): Variant | undefined {
  const byBandwidth = variants.toSorted((a, b) => a.bandwidth - b.bandwidth)
  const filling = Math.min(...variants.map((each) => each.width).filter((each) => each >= width))
  return (
    byBandwidth.findLast((each) => each.bandwidth <= bandwidth * bandwidthShare && each.width <= filling) ??
    byBandwidth[0]
  )
}

/** Attributes of a tag (RFC 8216bis §4.2), quotes taken off. */
export function readAttributes(line: string): Record<string, string> {
  const attributes: Record<string, string> = {}
  for (const [, name = '', quoted, plain] of line.matchAll(/([A-Z0-9-]+)=(?:"([^"]*)"|([^,]*))/g))
    attributes[name] = quoted ?? plain ?? ''
  return attributes
}
