import { isBrowserFriendly } from '../../core/media/codec/video-format.ts'
import type { AudioSource, Source, VideoSource } from '../../core/media/source.ts'
import { evenSize, fairBitrate, type Ladder, type Size, scaledTo, shortSideOf, sizesBelow } from './ladder.ts'

/** Name of the stereo or mono audio rendition, which players choose by default. */
export const audioName = 'audio'
/** Name of the audio rendition with more than two channels. */
const surroundName = 'surround'

export interface VideoRendition {
  /**
   * `<short side>p`; for the top rendition the short side is that of the source. Renditions of HEVC and AV1
   * add the codec: `1080p-hevc`.
   */
  name: string
  width: number
  height: number
  /** Maximum bitrate of the encoder, bits/s; null when the rendition is passed through. */
  bitrate: number | null
}

/** How the default audio rendition is made. `silent`: the source has no audio; the packager adds silence. */
type AudioTreatment = 'passed' | 'encoded' | 'silent'

/** Changes to pictures before they are encoded. */
interface PictureTreatment {
  /** Whether two fields become one frame, because the source is interlaced. */
  deinterlaces: boolean
  /** Whether HDR is converted to SDR. */
  mapsTones: boolean
  /** Number of source frames for each encoded frame; 2 means that every other frame is dropped. */
  frameStep: number
  /** Whether every frame becomes a keyframe, so that the packager can repeat the newest frame. */
  isIntraOnly: boolean
}

/** Renditions of one epoch, and how they are made. */
export interface TranscodePlan {
  /** The passed rendition first, if there is one; then the encoded ones, largest first. */
  video: readonly VideoRendition[]
  /** Renditions that are not encoded, because there is no room. They are larger than the encoded ones. */
  omitted: readonly VideoRendition[]
  audio: AudioTreatment
  /**
   * Whether there is a rendition for audio with more than two channels, which is passed through beside its
   * stereo mix. If the source has changed since, it has what the default one has.
   */
  hasSurround: boolean
  /** Frame rate of all renditions, frames/s; 0 without video. */
  fps: number
  /**
   * `source`: the encoder makes keyframes where the source has them. `timed`: it makes at least one per
   * segment, because the source is interlaced, or its GOPs are too long, or it has too many or too few frames
   * per second.
   */
  keyframes: 'source' | 'timed'
  picture: PictureTreatment
}

/** Returns the names of the audio renditions, the default one first. */
export const audioNames = ({ hasSurround }: TranscodePlan) =>
  hasSurround ? [audioName, surroundName] : [audioName]

export const encodedVideo = ({ video }: TranscodePlan) => video.filter(({ bitrate }) => bitrate !== null)

/** Returns the video rendition that is passed through; undefined when all are encoded. */
export const passedVideo = ({ video }: TranscodePlan) => video.find(({ bitrate }) => bitrate === null)

/** Returns the video renditions with those that are omitted, in the order of `video`. */
export const fullVideo = (plan: TranscodePlan) => [
  ...plan.video.filter(({ bitrate }) => bitrate === null),
  ...plan.omitted,
  ...encodedVideo(plan),
]

/** Whether a rendition contains the publisher's own coded frames. */
export function isPassedThrough(plan: TranscodePlan | undefined, rendition: string): boolean {
  if (plan === undefined) return false
  if (rendition === audioName) return plan.audio === 'passed'
  if (rendition === surroundName) return plan.hasSurround && plan.audio !== 'silent'
  return passedVideo(plan)?.name === rendition
}

export interface PlanOptions {
  ladder: Ladder
  /** Whether the GOPs of the source are short enough for segments to begin at its keyframes. */
  followsSource: boolean
  /**
   * Whether parts can be filled with frames of audio of this length. Lengths are ms; that of video is
   * undefined when there is none.
   */
  fillsParts: (audioFrameMs: number, videoFrameMs: number | undefined) => boolean
}

/** Maximum frame rate, frames/s, with a tolerance of 2 %. Faster sources are reduced by `frameStep`. */
const maxFps = 60
/**
 * Frame rate below which video is encoded as keyframes only, frames/s. Between its frames the packager
 * repeats the last one, because players stop without a picture.
 */
const minFps = 1.5
/** Maximum short side when the source itself is encoded, pixels. Sizes in NOWCAST_LADDER may be larger. */
const maxEncodedSide = 1080

const isTooFast = ({ fps }: VideoSource) => fps > maxFps * 1.02
const isTooSlow = ({ fps }: VideoSource) => fps > 0 && fps < minFps

/** Whether video can be passed through, apart from the length of its GOPs. */
function isPassable(video: VideoSource): boolean {
  if (video.codecString === null || video.isInterlaced || isTooFast(video) || isTooSlow(video)) return false
  if (video.codec === 'h264') return isBrowserFriendly(video)
  return (video.codec === 'hevc' || video.codec === 'av1') && video.chroma === '4:2:0' && video.bitDepth <= 10
}

/** Returns the size at which pictures are presented, in square pixels. */
const shownSize = ({ width, height, pixelAspect }: VideoSource): Size => ({
  width: Math.round(width * pixelAspect),
  height,
})

/**
 * Returns the maximum bitrate of an encoded rendition, bits/s: fair for its size, but not above the bitrate
 * of the source, because that would not improve it. It is at least a quarter of what is fair, because the
 * source may have been measured while nothing moved. `sourceBitrate` is 0 when unknown.
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

/** Decides which renditions a source gets, and whether each is passed through or encoded. */
export function planTranscode(source: Source, options: PlanOptions): TranscodePlan {
  const { video } = source
  if (video === null) {
    const sound = planAudio(source.audio, (frameMs) => options.fillsParts(frameMs, undefined))
    return { video: [], omitted: [], ...sound, fps: 0, keyframes: 'source', picture: plainPicture }
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
  const renditions = planVideo(video, fps, isFollowed, options.ladder)
  return { video: renditions, omitted: [], ...sound, fps, keyframes, picture }
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
  // The top is for all players or, if HEVC or AV1 is passed through, for those that cannot decode it.
  const top = encoded(scaledTo(shown, maxEncodedSide), name)
  const rungs = [top, ...below.filter((rung) => shortSideOf(rung) < shortSideOf(top))]
  return isPassed ? [{ name: `${name}-${video.codec}`, ...shown, bitrate: null }, ...rungs] : rungs
}

/**
 * Plans again in the middle of a session. The renditions of `previous` stay, because players know them, but
 * the source is not enlarged for them. A larger source gets more renditions. H.264 is passed through in the
 * rendition of HEVC or AV1 too, whose viewers can play it. When neither can be passed through, that rendition
 * is dropped. If `previous` has no video, the video renditions are new. What was omitted is not any more.
 */
export function planAgain(previous: TranscodePlan, source: Source, options: PlanOptions): TranscodePlan {
  const { video } = source
  const fresh = planTranscode(source, options)
  // Who plays the rendition with more channels can also play stereo, or silence.
  const hasSurround = fresh.hasSurround || (previous.hasSurround && fresh.audio !== 'encoded')
  // The video may come back, so its renditions stay in the playlists.
  if (video === null) return { ...previous, audio: fresh.audio, hasSurround }
  if (previous.video.length === 0) return { ...fresh, hasSurround }
  const passed = passedVideo(fresh)
  const renditions = fullVideo(previous).map((rendition, index): VideoRendition => {
    const codec = codecOf(rendition.name)
    const isPlayable = passed && [codec, 'h264'].includes(codecOf(passed.name))
    if (isPlayable && (index === 0 || codec !== 'h264')) return { ...passed, name: rendition.name }
    const top = index === 0 ? maxEncodedSide : shortSideOf(rendition)
    const size = scaledTo(shownSize(video), top)
    return { name: rendition.name, ...size, bitrate: rungBitrate(size, fresh.fps, video.bitrate) }
  })
  // A rendition of HEVC or AV1 is never encoded, so it ends when it cannot be passed through any more.
  const kept = renditions.filter(({ name, bitrate }) => codecOf(name) === 'h264' || bitrate === null)
  return { ...fresh, hasSurround, video: kept.length > 0 ? [...kept, ...newSizes(fresh, kept)] : fresh.video }
}

/**
 * Returns the encoded renditions of a plan whose names and sizes are new, if they are below the largest one.
 */
function newSizes(fresh: TranscodePlan, known: readonly VideoRendition[]): VideoRendition[] {
  const sides = known.map(shortSideOf)
  const names = known.map(({ name }) => name)
  const isNew = (rung: VideoRendition) => !names.includes(rung.name) && !sides.includes(shortSideOf(rung))
  return encodedVideo(fresh).filter((rung) => isNew(rung) && shortSideOf(rung) < Math.max(...sides))
}

/** Returns the codec that the name of a video rendition contains; H.264 when it contains none. */
const codecOf = (name: string) => name.split('-')[1] ?? 'h264'

/**
 * Decides how audio is made. AAC-LC and HE-AAC whose frames fill parts are passed through; with more than two
 * channels, in addition to an encoded stereo mix. All other audio is encoded.
 */
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
