import { isBrowserFriendly } from '../../core/media/codec/video-format.ts'
import type { AudioSource, Source, VideoSource } from '../../core/media/source.ts'
import { evenSize, fairBitrate, type Ladder, type Size, scaledTo, shortSideOf, sizesBelow } from './ladder.ts'

/** Name of the audio rendition that players choose by default. */
export const audioName = 'audio'
/** Name of the audio rendition with more than two channels. */
const surroundName = 'surround'

/** A video rendition of a transcode. */
export interface VideoRendition {
  /** `<short side>p`; the top one by the size of the source. HEVC and AV1 add their name: `1080p-hevc`. */
  name: string
  width: number
  height: number
  /** Maximum bitrate of the encoder, bits/s; null: passed through. */
  bitrate: number | null
}

/** How audio gets into a rendition. `silent`: the source has no audio, and the packager makes silence. */
type AudioTreatment = 'passed' | 'encoded' | 'silent'

/** What is done to pictures before they are encoded. */
interface PictureTreatment {
  /** Whether fields are made into frames. */
  deinterlaces: boolean
  /** Whether HDR becomes SDR. */
  mapsTones: boolean
  /** Every how many frames one is encoded. */
  frameStep: number
  /** Whether every frame becomes a keyframe, so that the packager can repeat it while nothing else comes. */
  isIntraOnly: boolean
}

/** What one epoch makes from a session. */
export interface TranscodePlan {
  /** Passed-through video first, then largest first. */
  video: readonly VideoRendition[]
  audio: AudioTreatment
  /** Whether the audio of the source, with more than two channels, is passed through beside a stereo mix. */
  hasSurround: boolean
  /** Frame rate of all renditions. */
  fps: number
  /** `source`: where the source has them. `timed`: one per segment, for a source that cannot be followed. */
  keyframes: 'source' | 'timed'
  picture: PictureTreatment
}

/** Names of the audio renditions of a plan, the default one first. */
export const audioNames = ({ hasSurround }: TranscodePlan) =>
  hasSurround ? [audioName, surroundName] : [audioName]

export const encodedVideo = ({ video }: TranscodePlan) => video.filter(({ bitrate }) => bitrate !== null)

/** Returns the video rendition that is passed through, if any. */
export const passedVideo = ({ video }: TranscodePlan) => video.find(({ bitrate }) => bitrate === null)

/** Whether a rendition has the coded frames of the publisher. */
export function isPassedThrough(plan: TranscodePlan | undefined, rendition: string): boolean {
  if (plan === undefined) return false
  if (rendition === audioName) return plan.audio === 'passed'
  if (rendition === surroundName) return plan.hasSurround
  return passedVideo(plan)?.name === rendition
}

export interface PlanOptions {
  ladder: Ladder
  /** Whether segments can be cut at the keyframes of the source. */
  followsSource: boolean
  /** Whether whole frames of audio fill a part. Durations are ms; that of video is undefined without it. */
  fillsParts: (audioFrameMs: number, videoFrameMs: number | undefined) => boolean
}

/** Maximum frame rate. Browsers and the encoders of rungs gain nothing from more. */
const maxFps = 60
/** Frame rate below which frames last longer than players can wait for one. */
const minFps = 1.5
/** Maximum short side of encoded video, pixels. Larger video is only passed through. */
const maxEncodedSide = 1080

const isTooFast = ({ fps }: VideoSource) => fps > maxFps * 1.02
const isTooSlow = ({ fps }: VideoSource) => fps > 0 && fps < minFps

/** Whether the video can be passed through, provided that its GOP is short enough. */
function isPassable(video: VideoSource): boolean {
  if (video.codecString === null || video.isInterlaced || isTooFast(video) || isTooSlow(video)) return false
  if (video.codec === 'h264') return isBrowserFriendly(video)
  return (video.codec === 'hevc' || video.codec === 'av1') && video.chroma === '4:2:0' && video.bitDepth <= 10
}

/** Size at which pictures are shown, with square pixels. */
const shownSize = ({ width, height, pixelAspect }: VideoSource): Size => ({
  width: Math.round(width * pixelAspect),
  height,
})

/**
 * Returns the maximum bitrate of a rung: fair for its size, and not above the bitrate of the source, because
 * that would not improve it. The lower bound is for sources that were measured while nothing moved.
 */
function rungBitrate(size: Size, fps: number, sourceBitrate: number): number {
  const fair = fairBitrate(size, fps)
  return Math.round(Math.max(Math.min(fair, sourceBitrate || fair), fair / 4))
}

const plainPicture: PictureTreatment = {
  deinterlaces: false,
  mapsTones: false,
  frameStep: 1,
  isIntraOnly: false,
}

/** Decides what is passed through, what is encoded, and at what size. */
export function planTranscode(source: Source, options: PlanOptions): TranscodePlan {
  const { video } = source
  if (video === null) {
    const sound = planAudio(source.audio, (frameMs) => options.fillsParts(frameMs, undefined))
    return { video: [], ...sound, fps: 0, keyframes: 'source', picture: plainPicture }
  }
  const frameStep = isTooFast(video) ? Math.ceil(video.fps / (maxFps * 1.02)) : 1
  const isFollowed = options.followsSource && frameStep === 1 && !isTooSlow(video) && !video.isInterlaced
  const fps = video.fps / frameStep
  const keyframes = isFollowed ? 'source' : 'timed'
  const picture: PictureTreatment = {
    deinterlaces: video.isInterlaced,
    mapsTones: video.transfer !== 'sdr',
    frameStep,
    isIntraOnly: isTooSlow(video),
  }
  const sound = planAudio(source.audio, (frameMs) => options.fillsParts(frameMs, 1000 / fps))
  return { video: planVideo(video, fps, isFollowed, options.ladder), ...sound, fps, keyframes, picture }
}

function planVideo(video: VideoSource, fps: number, isFollowed: boolean, ladder: Ladder): VideoRendition[] {
  const shown = shownSize(video)
  const encoded = (size: Size, name = `${shortSideOf(size)}p`): VideoRendition => ({
    name,
    ...size,
    bitrate: rungBitrate(size, fps, video.bitrate),
  })
  const below = sizesBelow(ladder, shown).map((size) => encoded(size))
  const includesSource = ladder.kind !== 'list' || ladder.source || below.length === 0
  if (!includesSource) return below

  const name = `${shortSideOf(evenSize(shown))}p`
  const isPassed = isFollowed && isPassable(video)
  if (isPassed && video.codec === 'h264') return [{ name, ...shown, bitrate: null }, ...below]
  // Players without the codec need a top rung beside it.
  const top = encoded(scaledTo(shown, maxEncodedSide), name)
  const rungs = [top, ...below.filter((rung) => shortSideOf(rung) < shortSideOf(top))]
  return isPassed ? [{ name: `${name}-${video.codec}`, ...shown, bitrate: null }, ...rungs] : rungs
}

/**
 * Returns a plan for a source that changed in the middle of a session. It has the renditions of `previous`,
 * because players know them; none is enlarged. Where there was no video before, its renditions are new.
 */
export function planAgain(previous: TranscodePlan, source: Source, options: PlanOptions): TranscodePlan {
  const { video } = source
  const fresh = planTranscode(source, options)
  const hasSurround = previous.hasSurround || fresh.hasSurround
  // Without video now, the planned video stays.
  if (video === null) return { ...previous, audio: fresh.audio, hasSurround }
  if (previous.video.length === 0) return { ...fresh, hasSurround }
  const passed = passedVideo(fresh)
  const renditions = previous.video.map((rendition, index): VideoRendition => {
    const codec = codecOf(rendition.name)
    if (passed && codec === codecOf(passed.name) && (index === 0 || codec !== 'h264'))
      return { ...passed, name: rendition.name }
    const top = index === 0 ? maxEncodedSide : shortSideOf(rendition)
    const size = scaledTo(shownSize(video), top)
    return { name: rendition.name, ...size, bitrate: rungBitrate(size, fresh.fps, video.bitrate) }
  })
  // A rendition named after another codec has no media now.
  const kept = renditions.filter(({ name, bitrate }) => codecOf(name) === 'h264' || bitrate === null)
  return { ...fresh, hasSurround: fresh.hasSurround, video: kept.length > 0 ? kept : fresh.video }
}

/** Codec of a video rendition, by its name. */
const codecOf = (name: string) => name.split('-')[1] ?? 'h264'

/** AAC-LC and HE-AAC with up to two channels play everywhere. */
function planAudio(
  audio: AudioSource | null,
  fillsParts: (frameMs: number) => boolean,
): Pick<TranscodePlan, 'audio' | 'hasSurround'> {
  if (audio === null) return { audio: 'silent', hasSurround: false }
  const type = /^mp4a\.40\.0?(\d+)$/.exec(audio.codecString ?? '')?.[1]
  const isPassable = audio.codec === 'aac' && ['2', '5', '29'].includes(type ?? '')
  const coreRate = type === '2' ? audio.sampleRate : audio.sampleRate / 2
  if (!isPassable || !fillsParts((1024 * 1000) / coreRate)) return { audio: 'encoded', hasSurround: false }
  const isStereo = audio.channels >= 1 && audio.channels <= 2
  return { audio: isStereo ? 'passed' : 'encoded', hasSurround: !isStereo }
}
