/** A multivariant playlist with content steering in it. */
export interface SteeringTag {
  /** Where the steering manifest is. */
  serverUri: string
  /** The edge that delivers the playlist: all its variants are there. */
  pathway: string
}

const streamInf = '#EXT-X-STREAM-INF:'

/**
 * Adds content steering to the text of a multivariant playlist (RFC 8216bis 4.4.6.6): the tag, and to each variant which pathway it
 * belongs to. What another edge on the way added is replaced.
 */
export function addSteering(playlist: string, { serverUri, pathway }: SteeringTag): string {
  const tag = `#EXT-X-CONTENT-STEERING:SERVER-URI="${serverUri}",PATHWAY-ID="${pathway}"`
  return playlist
    .split('\n')
    .filter((line) => !line.startsWith('#EXT-X-CONTENT-STEERING:'))
    .flatMap((line) => {
      if (line.startsWith('#EXTM3U')) return [line, tag]
      if (!line.startsWith(streamInf)) return [line]
      const attributes = line.slice(streamInf.length).replace(/^PATHWAY-ID="[^"]*",/, '')
      return [`${streamInf}PATHWAY-ID="${pathway}",${attributes}`]
    })
    .join('\n')
}
