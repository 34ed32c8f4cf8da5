/** A part in a media playlist. All durations in this file are in seconds. */
interface ReadPart {
  uri: string
  duration: number
  independent: boolean
}

export interface ReadSegment {
  msn: number
  /** Undefined for the last segment while it is incomplete: only its parts are listed. */
  uri: string | undefined
  /** Length, s; 0 while only parts are listed. */
  duration: number
  parts: ReadPart[]
  /** Time in the segment's own EXT-X-PROGRAM-DATE-TIME tag, ms since 1970; undefined without one. */
  programDateTime: number | undefined
  discontinuity: boolean
  /** Whether it has the tag EXT-X-GAP, which means that its media is missing. */
  gap: boolean
  /** URI of its init segment. */
  map: string | undefined
}

/** A parsed media playlist. Nothing is validated: that is up to the tests. */
export interface ReadPlaylist {
  text: string
  version: number
  targetDuration: number
  mediaSequence: number
  discontinuitySequence: number
  serverControl: Map<string, string>
  partTarget: number | undefined
  skipped: number
  segments: ReadSegment[]
  preloadHint: string | undefined
  reports: Map<string, string>[]
  ended: boolean
}

/** Returns the attributes of a tag line. Their values have no quotes. */
function attributesOf(line: string): Map<string, string> {
  const list = line.slice(line.indexOf(':') + 1)
  return new Map(
    [...list.matchAll(/([A-Z0-9-]+)=("[^"]*"|[^,]*)/g)].map(([, name = '', value = '']) => [
      name,
      value.replace(/^"(.*)"$/, '$1'),
    ]),
  )
}

/** Parses a media playlist. Unknown tags are ignored. */
export function readPlaylist(text: string): ReadPlaylist {
  const playlist: ReadPlaylist = {
    text,
    version: 1,
    targetDuration: 0,
    mediaSequence: 0,
    discontinuitySequence: 0,
    serverControl: new Map(),
    partTarget: undefined,
    skipped: 0,
    segments: [],
    preloadHint: undefined,
    reports: [],
    ended: false,
  }
  let map: string | undefined
  let open = newSegment()

  function newSegment(): ReadSegment {
    const msn = playlist.mediaSequence + playlist.skipped + playlist.segments.length
    return {
      msn,
      uri: undefined,
      duration: 0,
      parts: [],
      programDateTime: undefined,
      discontinuity: false,
      gap: false,
      map,
    }
  }

  const readers: Record<string, (value: string, line: string) => void> = {
    '#EXT-X-VERSION': (value) => (playlist.version = Number(value)),
    '#EXT-X-TARGETDURATION': (value) => (playlist.targetDuration = Number(value)),
    '#EXT-X-DISCONTINUITY-SEQUENCE': (value) => (playlist.discontinuitySequence = Number(value)),
    '#EXT-X-SERVER-CONTROL': (_, line) => (playlist.serverControl = attributesOf(line)),
    '#EXT-X-PART-INF': (_, line) => (playlist.partTarget = Number(attributesOf(line).get('PART-TARGET'))),
    '#EXT-X-RENDITION-REPORT': (_, line) => playlist.reports.push(attributesOf(line)),
    '#EXT-X-ENDLIST': () => (playlist.ended = true),
    '#EXT-X-MEDIA-SEQUENCE': (value) => {
      playlist.mediaSequence = Number(value)
      open = newSegment()
    },
    '#EXT-X-SKIP': (_, line) => {
      playlist.skipped = Number(attributesOf(line).get('SKIPPED-SEGMENTS'))
      open = newSegment()
    },
    '#EXT-X-MAP': (_, line) => {
      map = attributesOf(line).get('URI')
      open.map = map
    },
    '#EXT-X-DISCONTINUITY': () => (open.discontinuity = true),
    '#EXT-X-GAP': () => (open.gap = true),
    '#EXT-X-PROGRAM-DATE-TIME': (value) => (open.programDateTime = Date.parse(value)),
    '#EXTINF': (value) => (open.duration = Number.parseFloat(value)),
    '#EXT-X-PART': (_, line) => {
      const attributes = attributesOf(line)
      open.parts.push({
        uri: attributes.get('URI') ?? '',
        duration: Number(attributes.get('DURATION')),
        independent: attributes.get('INDEPENDENT') === 'YES',
      })
    },
    '#EXT-X-PRELOAD-HINT': (_, line) => (playlist.preloadHint = attributesOf(line).get('URI')),
  }

  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '') continue
    if (line.startsWith('#')) {
      const [name = ''] = line.split(':')
      readers[name]?.(line.slice(name.length + 1), line)
    } else {
      playlist.segments.push({ ...open, uri: line })
      open = newSegment()
    }
  }
  if (open.parts.length > 0) playlist.segments.push(open)
  return playlist
}

/** Parses a multivariant playlist. `media` has the attributes of each EXT-X-MEDIA tag. */
export function readMultivariant(text: string) {
  const lines = text.split('\n').map((line) => line.trim())
  const variants = lines.flatMap((line, i) =>
    line.startsWith('#EXT-X-STREAM-INF:')
      ? [{ attributes: attributesOf(line), uri: lines[i + 1] ?? '' }]
      : [],
  )
  const media = lines.filter((line) => line.startsWith('#EXT-X-MEDIA:')).map(attributesOf)
  return { text, variants, media, independentSegments: lines.includes('#EXT-X-INDEPENDENT-SEGMENTS') }
}
