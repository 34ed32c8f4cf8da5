import {
  initUri,
  type MediaPath,
  partUri,
  playlistUri,
  segmentUri,
} from '../../../core/playback/media-paths.ts'
import { writeStartBundle } from '../../../core/playback/start-bundle.ts'
import { holdBackMs } from '../playlist/head-tags.ts'
import { mediaPlaylist } from '../playlist/media-playlist.ts'
import { multivariantPlaylist } from '../playlist/multivariant-playlist.ts'
import { segmentsWithParts } from '../playlist/segment-tags.ts'
import type { Presentation } from '../presentation/presentation.ts'
import type { RenditionStream } from '../window/rendition-stream.ts'
import type { Part } from '../window/segment.ts'
import * as cacheControl from './cache-control.ts'
import { type OriginRequest, refuse, sendBytes } from './response.ts'

type StartPath = Extract<MediaPath, { kind: 'start' }>
type File = readonly [uri: string, body: Buffer]

/** A segment or a part. Times are session time, ms. */
interface Piece {
  uri: string
  bodies: readonly Buffer[]
  startMs: number
  endMs: number
  isIndependent: boolean
  epoch: number
}

/**
 * Responds with a start bundle (core/playback/start-bundle.ts); with 404 while there is nothing to play, and
 * after the end.
 */
export function serveStart(request: OriginRequest, presentation: Presentation | undefined, path: StartPath) {
  if (!presentation?.isPlayable || presentation.isEnded)
    return refuse(request, 404, 'not live', cacheControl.uncacheable, { 'retry-after': '1' })
  const bundle = startBundle(presentation, path)
  if (bundle === undefined) return refuse(request, 404, 'no start', cacheControl.uncacheable)
  sendBytes(request, bundle, 'application/octet-stream', cacheControl.startBundle)
}

function startBundle(presentation: Presentation, { rate, distance }: StartPath): Uint8Array[] | undefined {
  const streams = [...presentation.streams.values()].filter(
    ({ window, isDropped }) => window.listed.length > 0 && !isDropped,
  )
  const audio = streams.find(({ plan }) => plan.kind === 'audio')
  const video = chooseVideo(streams, rate * 1000)
  const leader = video ?? audio
  if (leader === undefined) return undefined
  const { targetDuration, partTargetMs } = presentation
  const backMs = Math.max(holdBackMs(targetDuration, partTargetMs), distance * 1000)
  const media = piecesFrom(leader, targetDuration, (leader.endMs ?? 0) - backMs)
  const [first] = media
  if (first === undefined) return undefined
  const sound =
    audio === undefined || audio === leader ? [] : piecesFrom(audio, targetDuration, first.startMs)
  const used = [leader, ...(sound.length > 0 && audio ? [audio] : [])]
  const folder = playlistFolder(presentation.sessionId)
  const inits = used.flatMap((stream): File[] => {
    const { epoch } = (stream === leader ? first : sound[0]) ?? first
    const init = stream.init(epoch)
    return init === undefined ? [] : [[folder + initUri(epoch, stream.plan.name), init]]
  })
  // Pieces are in the order of their start. If sound and picture start together, sound comes first: it is
  // small, and playback waits for both.
  const pieces = [...sound, ...media].sort((a, b) => a.startMs - b.startMs)
  return writeStartBundle({ rendition: leader.plan.name, backMs }, [
    ['index.m3u8', Buffer.from(multivariantPlaylist(presentation))],
    ...used.map((stream): File => {
      const text = mediaPlaylist(presentation, stream, false)
      return [playlistUri(presentation.sessionId, stream.plan.name), Buffer.from(text)]
    }),
    ...inits,
    ...pieces.map(({ uri, bodies }): File => [folder + uri, Buffer.concat(bodies)]),
  ])
}

const playlistFolder = (sessionId: string) => `${sessionId}/`

/**
 * Returns the video with the highest peak bitrate up to `bitsPerSecond`, otherwise the one with the lowest;
 * undefined without video. If there is H.264, other codecs are left out, because only H.264 has smaller
 * renditions that the player can switch to.
 */
function chooseVideo(streams: readonly RenditionStream[], bitsPerSecond: number) {
  const videos = streams.filter(({ plan }) => plan.kind === 'video')
  const common = videos.filter(({ track }) => track?.codecs.startsWith('avc1'))
  const byRate = (common.length > 0 ? common : videos).toSorted((a, b) => peakOf(a) - peakOf(b))
  return byRate.findLast((video) => peakOf(video) <= bitsPerSecond) ?? byRate[0]
}

const peakOf = ({ bandwidth }: RenditionStream) => bandwidth?.peak ?? 0

/**
 * Returns the media to send, of the newest epoch only. It begins with the last piece up to `fromMs` at which
 * decoding can begin, otherwise with the first later one. Where the playlist lists parts, pieces are parts,
 * otherwise segments.
 */
function piecesFrom(stream: RenditionStream, targetDuration: number, fromMs: number): Piece[] {
  const withParts = stream.hasParts ? segmentsWithParts(stream, targetDuration) : new Set()
  const { name, kind } = stream.plan
  const canBegin = (part: Part | undefined) => kind === 'audio' || part?.isIndependent === true
  const segments = [...stream.window.listed, ...(stream.listedOpen ? [stream.listedOpen] : [])]
  const pieces = segments.flatMap((segment): Piece[] => {
    const { epoch, msn, startMs, parts } = segment
    if (segment.isGap || parts.length === 0) return []
    if (segment !== stream.listedOpen && !withParts.has(segment)) {
      const endMs = startMs + segment.durationMs
      const bodies = parts.map(({ data }) => data)
      return [
        {
          uri: segmentUri(epoch, name, msn),
          bodies,
          startMs,
          endMs,
          isIndependent: canBegin(parts[0]),
          epoch,
        },
      ]
    }
    return parts.map((part, index) => ({
      uri: partUri(epoch, name, msn, index),
      bodies: [part.data],
      startMs: part.endMs - part.durationMs,
      endMs: part.endMs,
      isIndependent: canBegin(part),
      epoch,
    }))
  })
  // Timestamps and durations are rounded, so a piece may seem to begin up to 1 ms late.
  const at = pieces.findLastIndex((piece) => piece.isIndependent && piece.startMs <= fromMs + 1)
  const begin = at < 0 ? pieces.findIndex((piece) => piece.isIndependent) : at
  const newest = pieces.slice(Math.max(0, begin))
  // Only pieces of the newest epoch are sent, because a bundle has one init segment per rendition.
  return newest.slice(newest.findLastIndex((piece) => piece.epoch !== newest.at(-1)?.epoch) + 1)
}
