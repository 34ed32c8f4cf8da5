import { type FfmpegVersion, isAtLeast } from '../../core/process/ffmpeg-version.ts'
import { audioName, type TranscodePlan, type VideoRendition } from '../plan/plan.ts'
import { fragmentOptions } from './fragments.ts'

/** Presets of libx264 that can keep up with real time. */
export const x264Presets = ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium'] as const
export type X264Preset = (typeof x264Presets)[number]

/** One run of ffmpeg as its command line describes it: input, filter graph, one output per rendition. */
export interface FfmpegJob {
  inputOptions: readonly string[]
  /** The filter graph; null when no video is encoded. */
  filter: string | null
  /** In the order of their pipes. */
  outputs: readonly { rendition: string; options: readonly string[] }[]
}

export interface ArgumentOptions {
  preset: X264Preset
  /** Distance between timed keyframes, ms. */
  segmentMs: number
  version: FfmpegVersion
  /** Length of a part, ms; null: segments only. */
  partMs: number | null
  /**
   * Timestamp of the source from which video is encoded, ms; frames before it are only decoded. Null: from
   * the first frame on. With a timestamp nothing may be passed through.
   */
  fromMs: number | null
}

/** File descriptor on which ffmpeg reports its progress. */
export const progressPipe = 3
/** File descriptor of the first output. */
export const firstOutputPipe = 4

/** FLV on stdin, read with as little delay as ffmpeg allows. */
const input = [
  ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'repeat+level+warning'],
  ...['-progress', `pipe:${progressPipe}`, '-stats_period', '1'],
  // `-fflags nobuffer` would discard the probed packets, which are the first GOP. Without low_delay the
  // decoder adds 66 ms. Probing ends after 50 ms of media. Its size is practically unlimited, because a large
  // keyframe would hide the audio behind it.
  ...['-flags', 'low_delay', '-probesize', '5000000', '-analyzeduration', '50000'],
  // Together with `frag_discont` and `avoid_negative_ts disabled` this makes tfdt the timestamp of the
  // source.
  '-copyts',
  ...['-f', 'flv'],
]

/** Returns the run of ffmpeg that carries out a plan. */
export function ffmpegJob(plan: TranscodePlan, options: ArgumentOptions): FfmpegJob {
  const encoded = plan.video.filter((rendition) => rendition.bitrate !== null)
  const outputs = plan.video.map((rendition) => ({
    rendition: rendition.name,
    options: [
      ...(rendition.bitrate === null ? copiedVideo : encodedVideo(rendition, plan, options)),
      ...fragmentOptions('video', plan.fps, options.partMs),
    ],
  }))
  if (plan.audio !== 'silent')
    outputs.push({
      rendition: audioName,
      options: [...audioOptions[plan.audio], ...fragmentOptions('audio', 0, options.partMs)],
    })
  return {
    inputOptions: input,
    filter: encoded.length === 0 ? null : filterGraph(encoded, plan, options.fromMs),
    outputs,
  }
}

const copiedVideo = ['-map', '0:v:0', '-c:v', 'copy', '-video_track_timescale', '90000']

const audioOptions = {
  copy: ['-map', '0:a:0', '-c:a', 'copy'],
  encode: ['-map', '0:a:0', '-c:a', 'aac', '-b:a', '128k', '-ar', '48000', '-ac', '2'],
}

/** Each size is scaled from the next larger one, which costs less than scaling from the source. */
function filterGraph(
  renditions: readonly VideoRendition[],
  plan: TranscodePlan,
  fromMs: number | null,
): string {
  const head = [
    ...(fromMs === null ? [] : [`select=gte(t\\,${fromMs / 1000})`]),
    ...(plan.keyframes === 'timed' && plan.fps === 60 ? ['fps=60'] : []),
  ]
  return renditions
    .map(({ name, width, height }, index) => {
      const from = index === 0 ? '[0:v:0]' : `[from${index}]`
      const chain = [
        ...(index === 0 ? head : []),
        `scale=${width}:${height}:flags=fast_bilinear`,
        'setsar=1',
        ...(index === 0 ? ['format=yuv420p'] : []),
      ]
      const isLast = index === renditions.length - 1
      const to = isLast ? `[${name}]` : `,split[${name}][from${index + 1}]`
      return `${from}${chain.join(',')}${to}`
    })
    .join(';')
}

function encodedVideo(rendition: VideoRendition, plan: TranscodePlan, options: ArgumentOptions): string[] {
  const bitrate = String(rendition.bitrate)
  return [
    ...['-map', `[${rendition.name}]`, '-c:v', 'libx264', '-preset', options.preset, '-tune', 'zerolatency'],
    ...['-profile:v', options.preset === 'ultrafast' ? 'baseline' : 'high', '-bf', '0'],
    ...['-crf', '23', '-maxrate', bitrate, '-bufsize', bitrate],
    // Keyframes are only where they are forced; `-g` must not be reached between two.
    ...['-g', '600', '-sc_threshold', '0', '-force_key_frames', forcedKeyframes(plan, options.segmentMs)],
    // Short probing guesses rates like 29.917. Frames keep their timestamps regardless.
    ...(isAtLeast(options.version, { major: 5, minor: 1 })
      ? ['-fps_mode', 'passthrough']
      : ['-vsync', 'passthrough']),
    ...['-enc_time_base', '1:1000', '-video_track_timescale', '90000'],
  ]
}

/** Returns the keyframe expression. It tolerates half a frame, because timestamps of FLV are whole ms. */
function forcedKeyframes({ keyframes, fps }: TranscodePlan, segmentMs: number): string {
  if (keyframes === 'source') return 'source'
  const tolerance = (0.5 / Math.max(fps, 1)).toFixed(4)
  return `expr:gte(t,n_forced*${segmentMs / 1000}-${tolerance})`
}
