/** A variant of a multivariant playlist. URLs are absolute. */
export interface Variant {
  url: string
  /** BANDWIDTH: peak bitrate including the audio, bits/s. */
  bandwidth: number
  /** Width of the picture, pixels; 0 when the playlist does not name it. */
  width: number
  /** CODECS attribute; empty when the playlist has none. */
  codecs: string
  /** URL of the audio rendition; undefined when the variant refers to none. */
  audio: string | undefined
}

/**
 * Parses the variants (RFC 8216bis, section 4.4.6.2). A group with several audio renditions is represented by
 * the default one, or else by the first. URIs are resolved against `base`, the URL of the playlist.
 */
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

/** Parses the attribute list of a tag (RFC 8216bis, section 4.2). Quotes are removed. */
export function readAttributes(line: string): Record<string, string> {
  const attributes: Record<string, string> = {}
  for (const [, name = '', quoted, plain] of line.matchAll(/([A-Z0-9-]+)=(?:"([^"]*)"|([^,]*))/g))
    attributes[name] = quoted ?? plain ?? ''
  return attributes
}
