import type { Source, VideoSource } from '../../core/media/source.ts'
import { evenSize, fairBitrate, type Ladder, scaledTo, shortSideOf, sizesBelow } from './ladder.ts'

/** Name of the audio rendition. */
export const audioName = 'audio'

/** One video rendition of a transcode. */
export interface VideoTrack {
  /** `<short side>p`; the top keeps the name of the source's size, passed through or not. */
  name: string
  width: number
  height: number
  /** Cap of the encoder, bits/s; null: passed through. */
  bitrate: number | null
}

/** What one run of ffmpeg makes of a session. */
export interface TranscodePlan {
  /** Largest first; only the first may be passed through. */
  video: readonly VideoTrack[]
  /** `silent`: the source has no sound, the packager makes silence. */
  audio: 'copy' | 'encode' | 'silent'
  /** Of all renditions. */
  fps: number
  /** `source`: where the source has them; `timed`: one per segment, for a source whose GOP is too long to follow. */
  keyframes: 'source' | 'timed'
}

/** Whether viewers of a rendition get the publisher's own bytes. */
export function isPassedThrough(plan: TranscodePlan | undefined, rendition: string): boolean {
  const track = plan?.video.find(({ name }) => name === rendition)
  return track === undefined ? rendition === audioName && plan?.audio === 'copy' : track.bitrate === null
}

export interface PlanOptions {
  ladder: Ladder
  /** Whether segments can be cut where the source has its keyframes. */
  followsSource: boolean
}

/** The rate above which frames are dropped: browsers and encoders of rungs gain nothing from more. */
const highestFps = 60
/** Encoded pictures are no larger than this short side: more is for a passed-through source only. */
const largestEncoded = 1080

/** Whether the video may go out as it came in, if its GOP allows. */
function isPassable(video: VideoSource): boolean {
  return video.codec === 'h264' && video.isBrowserFriendly && !isTooFast(video)
}

const isTooFast = (video: VideoSource) => video.fps > highestFps * 1.02

/**
 * A rung's cap: fair for its size, and not above the source's bitrate, which it could not make good use of.
 * A source that was measured while nothing moved does not starve the rung for the rest of the show.
 */
function rungBitrate(size: { width: number; height: number }, fps: number, sourceBitrate: number): number {
  const fair = fairBitrate(size, fps)
  return Math.round(Math.max(Math.min(fair, sourceBitrate || fair), fair / 4))
}

/** The one place that decides what is passed through, what is encoded and how large. */
export function planTranscode(source: Source, { ladder, followsSource }: PlanOptions): TranscodePlan {
  const { video } = source
  const audio = planAudio(source)
  if (video === null) return { video: [], audio, fps: 0, keyframes: 'source' }

  const keyframes = followsSource && !isTooFast(video) ? 'source' : 'timed'
  const fps = Math.min(video.fps, highestFps)
  const encoded = (size: { width: number; height: number }, name?: string): VideoTrack => ({
    name: name ?? `${shortSideOf(size)}p`,
    ...size,
    bitrate: rungBitrate(size, fps, video.bitrate),
  })

  const below = sizesBelow(ladder, video).map((size) => encoded(size))
  const wantsSource = ladder.kind !== 'list' || ladder.source || below.length === 0
  if (!wantsSource) return { video: below, audio, fps, keyframes }

  const passes = keyframes === 'source' && isPassable(video)
  const name = `${shortSideOf(evenSize(video))}p`
  const top: VideoTrack = passes
    ? { name, width: video.width, height: video.height, bitrate: null }
    : encoded(scaledTo(video, largestEncoded), name)
  const smaller = below.filter((track) => shortSideOf(track) < shortSideOf(top))
  return { video: [top, ...smaller], audio, fps, keyframes }
}

/**
 * A plan for a source that changed in the middle of a session: the same renditions as `former`, because their set is
 * fixed for viewers, made of what there is now. None is enlarged.
 */
export function planAgain(former: TranscodePlan, source: Source, options: PlanOptions): TranscodePlan {
  const { video } = source
  const fresh = planTranscode(source, options)
  // Without a picture now, or without one before, there is nothing to go on with: what was planned stays.
  if (video === null || former.video.length === 0) return { ...former, audio: fresh.audio }
  const tracks = former.video.map((track, index): VideoTrack => {
    const [top] = fresh.video
    if (index === 0 && top !== undefined) return { ...top, name: track.name }
    const size = scaledTo(video, shortSideOf(track))
    return { name: track.name, ...size, bitrate: rungBitrate(size, fresh.fps, video.bitrate) }
  })
  return { ...fresh, video: tracks }
}

/** AAC-LC and HE-AAC up to stereo play everywhere; an unknown kind of AAC is most likely LC. */
function planAudio({ audio }: Source): TranscodePlan['audio'] {
  if (audio === null) return 'silent'
  const isPlainAac =
    audio.codec === 'aac' &&
    (audio.codecString === null || /^mp4a\.40\.0?(2|5|29)$/.test(audio.codecString)) &&
    audio.channels >= 1 &&
    audio.channels <= 2
  return isPlainAac ? 'copy' : 'encode'
}
