/** Part length of the channel that crowd benches watch, ms. */
export const partMs = 333
export const partsPerSegment = 6
/** Number of whole segments in a playlist. */
const listedSegments = 4
export const renditions = ['720p', 'audio'] as const
export type Rendition = (typeof renditions)[number]

/** Returns the multivariant playlist, which a newcomer requests first. `base` is the path of the session. */
export function multivariant(base: string): string {
  const session = base.split('/').at(-1)
  const uris = renditions.map((name) => `${session}/${name}.m3u8`)
  return [
    '#EXTM3U',
    `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="sound",URI="${uris[1]}"`,
    '#EXT-X-STREAM-INF:BANDWIDTH=250000,AUDIO="a"',
    uris[0],
    '',
  ].join('\n')
}

/**
 * Returns a media playlist like those of the packager, for a session in which `parts` parts have been made.
 */
export function playlistOf(rendition: Rendition, parts: number): string {
  const msn = Math.floor(parts / partsPerSegment)
  const growing = parts % partsPerSegment
  const first = msn - listedSegments
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    '#EXT-X-TARGETDURATION:2',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,HOLD-BACK=6,PART-HOLD-BACK=0.999',
    '#EXT-X-PART-INF:PART-TARGET=0.333',
    `#EXT-X-MEDIA-SEQUENCE:${first}`,
  ]
  const part = (at: number, index: number) =>
    `#EXT-X-PART:DURATION=0.333,URI="1/${rendition}/${at}.${index}.m4s"`
  for (let at = first; at < msn; at += 1) {
    if (at >= msn - 2) for (let index = 0; index < partsPerSegment; index += 1) lines.push(part(at, index))
    lines.push('#EXTINF:1.998,', `1/${rendition}/${at}.m4s`)
  }
  for (let index = 0; index < growing; index += 1) lines.push(part(msn, index))
  lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="1/${rendition}/${msn}.${growing}.m4s"`, '')
  return lines.join('\n')
}
