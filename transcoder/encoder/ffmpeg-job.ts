import { type FfmpegVersion, isAtLeast } from '../../core/programs/ffmpeg-version.ts'
import { encodedVideo, type TranscodePlan, type VideoRendition } from '../plan/plan.ts'
import { keyframeToleranceMs } from './timed-keyframes.ts'

/** Presets of libx264 that the settings accept, fastest first. */
export const x264Presets = ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium'] as const
export type X264Preset = (typeof x264Presets)[number]

/** One run of ffmpeg in the terms of its command line: an input, a filter graph, one output per rendition. */
export interface FfmpegJob {
  inputOptions: readonly string[]
  /** Filter graph; null when the run encodes no video. */
  filter: string | null
  /** One for each pipe from `firstOutputPipe` on. */
  outputs: readonly { rendition: string; options: readonly string[] }[]
}

export type InputFormat = 'flv' | 'matroska'

export interface VideoJobOptions {
  input: InputFormat
  preset: X264Preset
  version: FfmpegVersion
  /**
   * Presentation time from which frames are encoded, ms. Earlier frames are only decoded, because later ones
   * refer to them.
   */
  fromMs: number
  /** Time from the first encoded frame to the first timed keyframe, and between timed keyframes; ms. */
  keyframesMs: { first: number; every: number }
}

/** File descriptor to which ffmpeg writes its progress. */
export const progressPipe = 3
/** File descriptor of the first output. The other outputs have the following numbers. */
export const firstOutputPipe = 4

/** `-probesize` that ends probing after the first frame: in a slide show the next one comes seconds later. */
const oneFrameBytes = '32'

/** Options that no input changes. */
const common = [
  ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'repeat+level+warning'],
  ...['-progress', `pipe:${progressPipe}`, '-stats_period', '1'],
]

/** Options for media on stdin that need not be encoded in real time. The demuxer follows. */
export const inputOptions = [...common, '-protocol_whitelist', 'pipe']

/** Returns the options for media on stdin. They keep the delay of ffmpeg short. */
const inputOf = (format: InputFormat, probeBytes = '5000000') => [
  ...common,
  // `-fflags nobuffer` is not used: it would drop the packets that were probed, so the first GOP would be
  // lost. Without `low_delay` the decoder adds 66 ms. Probing ends after 50 ms of media or `probeBytes`,
  // which by default is larger than any keyframe.
  ...['-flags', 'low_delay', '-probesize', probeBytes, '-analyzeduration', '50000'],
  // The output has the timestamps of the source, so that encoded and passed renditions share one timeline.
  '-copyts',
  // Prevents the media from making ffmpeg open files or connections.
  ...['-protocol_whitelist', 'pipe'],
  ...['-f', format],
]

/** Returns the options for keyframes on stdin, of which the next may come seconds later. */
export const keyframeInput = (format: InputFormat) => inputOf(format, oneFrameBytes)

/**
 * Options for an output in FLV. ffmpeg writes each frame of FLV as soon as it is encoded. In fragmented MP4 a
 * frame would wait for the next one, which determines its duration.
 */
export const outputOptions = [
  ...['-f', 'flv', '-flvflags', 'no_duration_filesize+no_sequence_end'],
  ...['-flush_packets', '1', '-avoid_negative_ts', 'disabled'],
]

/** Returns the job that encodes the video renditions of a plan. */
export function videoJob(plan: TranscodePlan, options: VideoJobOptions): FfmpegJob {
  const encoded = encodedVideo(plan)
  return {
    inputOptions: plan.picture.isIntraOnly ? keyframeInput(options.input) : inputOf(options.input),
    filter: filterGraph(encoded, plan, options.fromMs),
    outputs: encoded.map((rendition) => ({
      rendition: rendition.name,
      options: [...videoOptions(rendition, plan, options), ...outputOptions],
    })),
  }
}

/** Returns the job that encodes the video renditions of a plan from frames in 4:2:0, without a codec. */
export function rawVideoJob(
  plan: TranscodePlan,
  { width, height, fps }: { width: number; height: number; fps: number },
  options: Pick<VideoJobOptions, 'preset' | 'version'>,
): FfmpegJob {
  const frames = ['-pix_fmt', 'yuv420p', '-video_size', `${width}x${height}`, '-framerate', String(fps)]
  const timing = { fromMs: 0, keyframesMs: { first: 0, every: 2000 } }
  return {
    ...videoJob(plan, { ...options, ...timing, input: 'flv' }),
    inputOptions: [...inputOptions, '-f', 'rawvideo', ...frames],
  }
}

/** Returns the job that encodes audio as AAC-LC, 48 kHz, stereo. */
export function audioJob(rendition: string, input: InputFormat): FfmpegJob {
  const options = [
    '-map',
    '0:a:0',
    '-c:a',
    'aac',
    '-b:a',
    '128k',
    '-ar',
    '48000',
    '-ac',
    '2',
    ...outputOptions,
  ]
  return { inputOptions: inputOf(input), filter: null, outputs: [{ rendition, options }] }
}

/** Filters that convert HDR (PQ or HLG) to BT.709. `npl` is the nominal peak luminance, cd/m². */
const toneMap = [
  'zscale=t=linear:npl=100',
  'format=gbrpf32le',
  'zscale=p=bt709',
  'tonemap=hable:desat=0',
  'zscale=t=bt709:m=bt709:r=tv',
]

/**
 * Builds the filter graph. Each size but the first is scaled from the next larger one: that costs less than
 * scaling the source.
 */
function filterGraph(renditions: readonly VideoRendition[], plan: TranscodePlan, fromMs: number): string {
  const { deinterlaces, mapsTones, frameStep } = plan.picture
  const head = [
    ...(deinterlaces ? ['bwdif=send_frame'] : []),
    `select=gte(t\\,${fromMs / 1000})`,
    ...(frameStep > 1 ? [`framestep=${frameStep}`] : []),
  ]
  return renditions
    .map(({ name, width, height }, index) => {
      const isFirst = index === 0
      const chain = [
        ...(isFirst ? head : []),
        `scale=${width}:${height}:flags=fast_bilinear`,
        'setsar=1',
        ...(isFirst && mapsTones ? toneMap : []),
        ...(isFirst ? ['format=yuv420p'] : []),
      ]
      const isLast = index === renditions.length - 1
      const to = isLast ? `[${name}]` : `,split[${name}][from${index + 1}]`
      return `${isFirst ? '[0:v:0]' : `[from${index}]`}${chain.join(',')}${to}`
    })
    .join(';')
}

/** Returns the options for the profile and the quality of H.264. `bitrate`: maximum, bits/s. */
export const qualityOptions = (preset: X264Preset, bitrate: string) => [
  ...['-profile:v', preset === 'ultrafast' ? 'baseline' : 'high', '-bf', '0'],
  ...['-crf', '23', '-maxrate', bitrate, '-bufsize', bitrate],
]

function videoOptions(rendition: VideoRendition, plan: TranscodePlan, options: VideoJobOptions): string[] {
  const bitrate = String(rendition.bitrate)
  return [
    ...['-map', `[${rendition.name}]`, '-c:v', 'libx264', '-preset', options.preset, '-tune', 'zerolatency'],
    ...qualityOptions(options.preset, bitrate),
    // Keyframes are only where `-force_key_frames` puts them, unless every frame is one. `-g` would add more,
    // so it is larger than any GOP.
    ...['-g', plan.picture.isIntraOnly ? '1' : '600', '-sc_threshold', '0'],
    ...['-force_key_frames', forcedKeyframes(plan, options.keyframesMs)],
    // ffmpeg would otherwise add and drop frames for the rate that it guessed while probing, such as 29.917.
    ...(isAtLeast(options.version, { major: 5, minor: 1 })
      ? ['-fps_mode', 'passthrough']
      : ['-vsync', 'passthrough']),
    ...['-enc_time_base', '1:1000'],
  ]
}

/**
 * Returns the value of `-force_key_frames`. Its `t` is the time since the first encoded frame, s. The
 * expression must choose the same frames as `createTimedKeyframes`, by which segments are cut.
 */
function forcedKeyframes(
  { keyframes, fps }: TranscodePlan,
  { first, every }: VideoJobOptions['keyframesMs'],
) {
  if (keyframes === 'source') return 'source'
  const offset = (first - keyframeToleranceMs(fps)) / 1000
  return `expr:gte(t,n_forced*${every / 1000}${offset < 0 ? '' : '+'}${offset.toFixed(4)})`
}
