import { writeStartBundle } from '../../../core/playback/start-bundle.ts'
import { stereoTrack } from '../../../transcoder/packager/mp4/silent-track.ts'
import { testVideoTrack } from '../packager/media.ts'
import { makeModelMedia, modelPartMs } from './model-media.ts'

/** Shape of a model channel. Defaults are in parentheses. */
export interface ModelChannelOptions {
  /** Names of the video renditions in ascending order of bitrates (`720p`). */
  videos?: readonly string[]
  /** Whether there is a rendition `audio` (true). */
  hasAudio?: boolean
  /** Whether playlists list parts and offer blocking reloads and delta updates (true). */
  hasParts?: boolean
  /** Number of parts in a segment (6). */
  partsPerSegment?: number
  /** Number of complete segments in a playlist (8). */
  listedSegments?: number
  /** Length of a part of video, bytes (8000). */
  partBytes?: number
  /** When the channel began, ms since 1970. By default 60 parts have just been made. */
  startedAt?: number
}

const serverControl = `CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,HOLD-BACK=6,PART-HOLD-BACK=${(3 * modelPartMs) / 1000}`
/** Number of complete segments at the end of a playlist whose parts are listed. */
const segmentsWithParts = 3

export type ModelChannel = ReturnType<typeof createModelChannel>

/**
 * Creates a channel whose playlists and media follow from the number of parts that have been made. hls.js can
 * load the media, but no decoder can decode them.
 */
export function createModelChannel(options: ModelChannelOptions = {}) {
  const { videos = ['720p'], hasAudio = true, hasParts = true, partsPerSegment = 6 } = options
  const { listedSegments = 8, partBytes = 8000, startedAt = Date.now() - 60 * modelPartMs } = options
  const segmentMs = partsPerSegment * modelPartMs

  const dateLine = (msn: number) =>
    `#EXT-X-PROGRAM-DATE-TIME:${new Date(startedAt + msn * segmentMs).toISOString()}`

  return {
    partsPerSegment,
    renditions: [...videos, ...(hasAudio ? ['audio'] : [])],
    /** Returns the multivariant playlist. `folder` is that of the media playlists, relative to it. */
    multivariant: (folder = '') => multivariantOf(videos, hasAudio, folder),

    /**
     * Returns a media playlist after `parts` parts. With `isDelta` it leaves out the segments beyond the skip
     * boundary of 12 s, if there are any.
     */
    playlist(rendition: string, parts: number, isDelta = false): string {
      const msn = Math.floor(parts / partsPerSegment)
      const openParts = parts % partsPerSegment
      const first = Math.max(0, msn - listedSegments)
      const boundary = Math.max(first, msn - Math.ceil((12_000 - openParts * modelPartMs) / segmentMs))
      const skipped = isDelta && hasParts ? boundary - first : 0
      const lines = headLines(segmentMs, hasParts, skipped > 0)
      lines.push(`#EXT-X-MEDIA-SEQUENCE:${first}`)
      if (skipped > 0) lines.push(`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`)
      for (let at = first + skipped; at < msn; at += 1) {
        if (at === first) lines.push(`#EXT-X-MAP:URI="1/${rendition}/init.mp4"`)
        lines.push(dateLine(at))
        if (hasParts && at >= msn - segmentsWithParts)
          lines.push(...partLines(rendition, at, partsPerSegment))
        lines.push(`#EXTINF:${seconds(segmentMs)},`, mediaUri(rendition, at))
      }
      if (hasParts && openParts > 0) lines.push(dateLine(msn), ...partLines(rendition, msn, openParts))
      if (hasParts) {
        lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${mediaUri(rendition, msn, openParts)}"`)
        for (const other of this.renditions)
          if (other !== rendition) lines.push(reportLine(other, parts, partsPerSegment))
      }
      return `${lines.join('\n')}\n`
    },

    /** Returns a part, a segment or an init segment by its file name; undefined for any other name. */
    media(rendition: string, file: string): Buffer | undefined {
      if (!this.renditions.includes(rendition)) return undefined
      if (file === 'init.mp4') return this.init(rendition)
      const [, msn, part] = /^(\d+)(?:\.(\d+))?\.m4s$/.exec(file) ?? []
      if (msn === undefined) return undefined
      return part === undefined
        ? this.segment(rendition, Number(msn))
        : this.part(rendition, Number(msn), Number(part))
    },

    /** Returns a start bundle that begins with the last keyframe before the hold-back. */
    startBundle(parts: number, folder: string): Buffer {
      const rendition = videos.at(-1) ?? 'audio'
      const tracks = hasAudio ? [rendition, 'audio'] : [rendition]
      const files = bundleFiles(this, tracks, parts).map((file): [string, Buffer] => [
        file,
        file.endsWith('.m3u8')
          ? Buffer.from(this.playlist(file.slice(0, -'.m3u8'.length), parts))
          : (this.media(file.split('/')[1] ?? '', file.split('/')[2] ?? '') ?? Buffer.alloc(0)),
      ])
      const named = files.map(([file, body]): [string, Buffer] => [folder + file, body])
      const first: [string, Buffer] = ['index.m3u8', Buffer.from(this.multivariant(folder))]
      const backMs = 3 * modelPartMs
      return Buffer.concat(writeStartBundle({ rendition, backMs }, [first, ...named]))
    },

    init: (rendition: string): Buffer => (rendition === 'audio' ? stereoTrack.init : testVideoTrack.init),
    part: (rendition: string, msn: number, part: number) =>
      makeModelMedia(rendition, msn * partsPerSegment + part, 1, { partsPerSegment, partBytes }),
    segment: (rendition: string, msn: number) =>
      makeModelMedia(rendition, msn * partsPerSegment, partsPerSegment, { partsPerSegment, partBytes }),
  }
}

/** Returns the rendition report of the newest part. */
function reportLine(rendition: string, parts: number, partsPerSegment: number): string {
  const [msn, part] = [Math.floor((parts - 1) / partsPerSegment), (parts - 1) % partsPerSegment]
  return `#EXT-X-RENDITION-REPORT:URI="${rendition}.m3u8",LAST-MSN=${msn},LAST-PART=${part}`
}

function multivariantOf(videos: readonly string[], hasAudio: boolean, folder: string): string {
  const { codecs } = testVideoTrack.track
  const sound = `TYPE=AUDIO,GROUP-ID="a",NAME="sound",DEFAULT=YES,AUTOSELECT=YES`
  return [
    '#EXTM3U',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...(hasAudio ? [`#EXT-X-MEDIA:${sound},URI="${folder}audio.m3u8"`] : []),
    ...videos.flatMap((name, index) => {
      const size = `${640 + index * 320}x${360 + index * 180}`
      const allCodecs = hasAudio ? `${codecs},mp4a.40.2` : codecs
      const tag = `BANDWIDTH=${(index + 1) * 1_000_000},CODECS="${allCodecs}",RESOLUTION=${size}`
      return [`#EXT-X-STREAM-INF:${tag}${hasAudio ? ',AUDIO="a"' : ''}`, `${folder}${name}.m3u8`]
    }),
    '',
  ].join('\n')
}

/**
 * Returns the paths of the files that follow the multivariant playlist in a start bundle, relative to the
 * session.
 */
function bundleFiles(
  { partsPerSegment }: { partsPerSegment: number },
  tracks: readonly string[],
  parts: number,
): string[] {
  const first = parts - 3 - ((parts - 3) % partsPerSegment)
  const media = Array.from({ length: parts - first }, (_, index) => first + index).flatMap((at) =>
    tracks.map((name) => `1/${name}/${Math.floor(at / partsPerSegment)}.${at % partsPerSegment}.m4s`),
  )
  return [...tracks.map((name) => `${name}.m3u8`), ...tracks.map((name) => `1/${name}/init.mp4`), ...media]
}

function headLines(segmentMs: number, hasParts: boolean, isDelta: boolean): string[] {
  const lines = [
    '#EXTM3U',
    `#EXT-X-VERSION:${isDelta ? 9 : 6}`,
    `#EXT-X-TARGETDURATION:${Math.ceil(segmentMs / 1000)}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
  ]
  if (!hasParts) return lines
  return [
    ...lines,
    `#EXT-X-SERVER-CONTROL:${serverControl}`,
    `#EXT-X-PART-INF:PART-TARGET=${modelPartMs / 1000}`,
  ]
}

const seconds = (ms: number) => (ms / 1000).toFixed(5)

const mediaUri = (rendition: string, msn: number, part?: number) =>
  `1/${rendition}/${msn}${part === undefined ? '' : `.${part}`}.m4s`

/** Returns the tags of the first `count` parts of a segment. */
function partLines(rendition: string, msn: number, count: number): string[] {
  const isIndependent = (part: number) => rendition === 'audio' || part === 0
  return Array.from({ length: count }, (_, part) => {
    const mark = isIndependent(part) ? ',INDEPENDENT=YES' : ''
    return `#EXT-X-PART:DURATION=${seconds(modelPartMs)},URI="${mediaUri(rendition, msn, part)}"${mark}`
  })
}
