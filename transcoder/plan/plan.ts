import type { Source, VideoSource } from '../../core/media/source.ts'
import { evenSize, fairBitrate, type Ladder, type Size, scaledTo, shortSideOf, sizesBelow } from './ladder.ts'

/** Name of the audio rendition. */
export const audioName = 'audio'

/** A video rendition of a transcode. */
export interface VideoRendition {
  /** `<short side>p`. The top one has the name of the source's size, passed through or not. */
  name: string
  width: number
  height: number
  /** Maximum bitrate of the encoder, bits/s; null: passed through. */
  bitrate: number | null
}

/** What one run of ffmpeg makes from a session. */
export interface TranscodePlan {
  /** Largest first. Only the first may be passed through. */
  video: readonly VideoRendition[]
  /** `silent`: the source has no audio, and the packager makes silence. */
  audio: 'copy' | 'encode' | 'silent'
  /** Frame rate of all renditions. */
  fps: number
  /** `source`: where the source has them. `timed`: one per segment, for a source whose GOP is too long. */
  keyframes: 'source' | 'timed'
}

/** Whether a rendition has the coded frames of the publisher. */
export function isPassedThrough(plan: TranscodePlan | undefined, rendition: string): boolean {
  const video = plan?.video.find(({ name }) => name === rendition)
  return video === undefined ? rendition === audioName && plan?.audio === 'copy' : video.bitrate === null
}

export interface PlanOptions {
  ladder: Ladder
  /** Whether segments can be cut at the keyframes of the source. */
  followsSource: boolean
}

/** Maximum frame rate. Browsers and the encoders of rungs gain nothing from more. */
const maxFps = 60
/** Maximum short side of encoded video, pixels. Larger video is only passed through. */
const maxEncodedSide = 1080

/** Whether the video can be passed through, provided that its GOP is short enough. */
function isPassable(video: VideoSource): boolean {
  return video.codec === 'h264' && video.isBrowserFriendly && !isTooFast(video)
}

const isTooFast = (video: VideoSource) => video.fps > maxFps * 1.02

/**
 * Returns the maximum bitrate of a rung: fair for its size, and not above the bitrate of the source, because
 * that would not improve it. The lower bound is for sources that were measured while nothing moved.
 */
function rungBitrate(size: Size, fps: number, sourceBitrate: number): number {
  const fair = fairBitrate(size, fps)
  return Math.round(Math.max(Math.min(fair, sourceBitrate || fair), fair / 4))
}

/** Decides what is passed through, what is encoded, and at what size. */
export function planTranscode(source: Source, { ladder, followsSource }: PlanOptions): TranscodePlan {
  const { video } = source
  const audio = planAudio(source)
  if (video === null) return { video: [], audio, fps: 0, keyframes: 'source' }

  const keyframes = followsSource && !isTooFast(video) ? 'source' : 'timed'
  const fps = Math.min(video.fps, maxFps)
  const encoded = (size: Size, name?: string): VideoRendition => ({
    name: name ?? `${shortSideOf(size)}p`,
    ...size,
    bitrate: rungBitrate(size, fps, video.bitrate),
  })

  const below = sizesBelow(ladder, video).map((size) => encoded(size))
  const includesSource = ladder.kind !== 'list' || ladder.source || below.length === 0
  if (!includesSource) return { video: below, audio, fps, keyframes }

  const passes = keyframes === 'source' && isPassable(video)
  const name = `${shortSideOf(evenSize(video))}p`
  const top: VideoRendition = passes
    ? { name, width: video.width, height: video.height, bitrate: null }
    : encoded(scaledTo(video, maxEncodedSide), name)
  const smaller = below.filter((rung) => shortSideOf(rung) < shortSideOf(top))
  return { video: [top, ...smaller], audio, fps, keyframes }
}

/**
 * Returns a plan for a source that changed in the middle of a session. It has the renditions of `previous`,
 * because their set is fixed for viewers. None is enlarged.
 */
export function planAgain(previous: TranscodePlan, source: Source, options: PlanOptions): TranscodePlan {
  const { video } = source
  const fresh = planTranscode(source, options)
  // Without video now or before, the planned video stays.
  if (video === null || previous.video.length === 0) return { ...previous, audio: fresh.audio }
  const renditions = previous.video.map((rendition, index): VideoRendition => {
    const [top] = fresh.video
    if (index === 0 && top !== undefined) return { ...top, name: rendition.name }
    const size = scaledTo(video, shortSideOf(rendition))
    return { name: rendition.name, ...size, bitrate: rungBitrate(size, fresh.fps, video.bitrate) }
  })
  return { ...fresh, video: renditions }
}

/** AAC-LC and HE-AAC with up to two channels play everywhere. AAC of an unknown type is most likely LC. */
function planAudio({ audio }: Source): TranscodePlan['audio'] {
  if (audio === null) return 'silent'
  const isPlainAac =
    audio.codec === 'aac' &&
    (audio.codecString === null || /^mp4a\.40\.0?(2|5|29)$/.test(audio.codecString)) &&
    audio.channels >= 1 &&
    audio.channels <= 2
  return isPlainAac ? 'copy' : 'encode'
}
