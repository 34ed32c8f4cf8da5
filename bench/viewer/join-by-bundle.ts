import { maxStartIndexBytes, parseStartIndex, type StartIndex } from '../../core/playback/start-bundle.ts'
import type { Piece } from './media/media-playlist.ts'
import type { MediaRecord } from './media/media-record.ts'
import type { Variant } from './media/multivariant.ts'
import { segmentOf } from './next-piece.ts'
import type { Player } from './player.ts'
import type { Requests } from './requests.ts'

export interface BundleJoin {
  requests: Requests
  record: MediaRecord
  /** Path of the multivariant playlist, and that of the start bundle. */
  path: string
  target: string
  /** Query parameter of the request, as `name=value`. */
  parameter: string
  openPlayer(text: string, chooseLevel: (all: readonly Variant[]) => number): Player | undefined
  /** Called when there is no usable bundle: the viewer must begin with the multivariant playlist. */
  onFailure(): void
  playerLoadMs: number
  after(ms: number, run: () => void): void
}

/** Time after which the page gives up a bundle, ms. */
const limitMs = 16_000

/**
 * Joins as the watch page does: by one response with all that playback needs to begin. Requests no delta
 * updates for `playerLoadMs`, in which the page would still load its player.
 */
export function joinByBundle(join: BundleJoin): void {
  const limits = { firstByteMs: limitMs, totalMs: limitMs }
  join.requests.send('bundle', `${join.target}?${join.parameter}`, limits, {
    onGood({ body }) {
      const bundle = readBundle(body)
      if (bundle === undefined || !begin(join, bundle)) join.onFailure()
    },
    onBad: join.onFailure,
  })
}

interface Bundle {
  index: StartIndex
  files: { target: string; body: Buffer }[]
}

function readBundle(body: Buffer): Bundle | undefined {
  const end = body.subarray(0, maxStartIndexBytes).indexOf('\n')
  const index = end < 0 ? undefined : parseStartIndex(body.toString('utf8', 0, end))
  if (index === undefined) return undefined
  let from = end + 1
  const files = index.files.map(([target, length]) => {
    const file = { target, body: body.subarray(from, from + length) }
    from += length
    return file
  })
  return from > body.length ? undefined : { index, files }
}

function begin(join: BundleJoin, { index, files }: Bundle): boolean {
  const folder = join.path.slice(0, join.path.lastIndexOf('/') + 1)
  const bodies = new Map(files.map(({ target, body }) => [folder + target, body]))
  const text = bodies.get(join.path)?.toString()
  const isChosen = ({ target }: Variant) => target.endsWith(`/${index.rendition}.m3u8`)
  const player = text === undefined ? undefined : join.openPlayer(text, (all) => all.findIndex(isChosen))
  if (player === undefined) return false
  const now = performance.now()
  player.playhead.allow(now)
  for (const kind of ['main', 'audio'] as const) {
    const track = player.track(kind)
    const body = track && bodies.get(track.playlists.target)
    if (track === undefined || body === undefined) continue
    const playlist = join.record.playlists.read(track.playlists.target, body, undefined)?.playlist
    if (playlist === undefined) return false
    track.playlists.asksForDeltas = false
    if (kind === 'main') player.playhead.startAt(playlist.edge - index.backMs / 1000)
    const pieces: Piece[] = [...playlist.segments, ...(playlist.open ? [playlist.open] : [])].flatMap(
      (segment) => (segment.parts.length > 0 ? segment.parts : [segment]),
    )
    for (const piece of pieces) {
      const media = bodies.get(piece.target)
      const init = segmentOf(playlist, piece.msn)?.init
      const initBody = init === undefined ? undefined : bodies.get(init)
      if (init !== undefined && initBody !== undefined) join.record.bodies.readInit(init, initBody)
      if (media !== undefined) track.media.take(piece, init, media)
    }
    track.playlists.startWith(playlist, now)
  }
  join.after(join.playerLoadMs, () => {
    for (const kind of ['main', 'audio'] as const) {
      const track = player.track(kind)
      if (track !== undefined) track.playlists.asksForDeltas = true
    }
  })
  return true
}
