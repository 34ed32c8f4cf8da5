import { type FfmpegVersion, isAtLeast } from '../../core/process/ffmpeg-version.ts'
import { audioName, type TranscodePlan, type VideoTrack } from '../plan/plan.ts'
import { fragmentOptions } from './fragments.ts'

/** Presets of libx264 that can keep up with real time. */
export const x264Presets = ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium'] as const
export type X264Preset = (typeof x264Presets)[number]

/** One run of ffmpeg in the form that its command line has: input, filter graph, one output per rendition. */
export interface FfmpegJob {
  inputOptions: readonly string[]
  /** The filter graph; null when no picture is encoded. */
  filter: string | null
  /** In the order of their pipes. */
  outputs: readonly { rendition: string; options: readonly string[] }[]
}

export interface ArgumentOptions {
  preset: X264Preset
  /** Distance of timed keyframes, ms. */
  segmentMs: number
  version: FfmpegVersion
  /** Length of a part, ms; null: there are none. */
  partMs: number | null
  /** Encode from this timestamp of the source on, ms; the pictures before are decoded only. Nothing may be passed through then. */
  fromMs: number | null
}

/** Number of the pipe on which ffmpeg tells its progress. */
export const progressPipe = 3
/** Number of the first output pipe. */
export const firstOutputPipe = 4

/** FLV on stdin, read with as little waiting as ffmpeg allows. */
const input = [
  ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'repeat+level+warning'],
  ...['-progress', `pipe:${progressPipe}`, '-stats_period', '1'],
  // `-fflags nobuffer` would throw the probed packets, the first GOP, away. Without low_delay the decoder adds 66 ms.
  // Probing ends after 50 ms of media; the size is no limit, because a large keyframe would keep the sound from being seen.
  ...['-flags', 'low_delay', '-probesize', '5000000', '-analyzeduration', '50000'],
  // With `frag_discont` and `avoid_negative_ts disabled` this makes tfdt the timestamp of the source.
  '-copyts',
  ...['-f', 'flv'],
]

/** ffmpeg's arguments for a plan. */
export function ffmpegJob(plan: TranscodePlan, options: ArgumentOptions): FfmpegJob {
  const encoded = plan.video.filter((track) => track.bitrate !== null)
  const outputs = plan.video.map((track) => ({
    rendition: track.name,
    options: [
      ...(track.bitrate === null ? copiedVideo : encodedVideo(track, plan, options)),
      ...fragmentOptions('video', plan.fps, options.partMs),
    ],
  }))
  const audio =
    plan.audio === 'silent'
      ? []
      : [
          {
            rendition: audioName,
            options: [...audioOptions[plan.audio], ...fragmentOptions('audio', 0, options.partMs)],
          },
        ]
  return {
    inputOptions: input,
    filter: encoded.length === 0 ? null : filterGraph(encoded, plan, options.fromMs),
    outputs: [...outputs, ...audio],
  }
}

const copiedVideo = ['-map', '0:v:0', '-c:v', 'copy', '-video_track_timescale', '90000']

const audioOptions = {
  copy: ['-map', '0:a:0', '-c:a', 'copy'],
  encode: ['-map', '0:a:0', '-c:a', 'aac', '-b:a', '128k', '-ar', '48000', '-ac', '2'],
}

/** Sizes are made one from the other, largest first: each costs less than from the source. */
function filterGraph(tracks: readonly VideoTrack[], plan: TranscodePlan, fromMs: number | null): string {
  const head = [
    ...(fromMs === null ? [] : [`select=gte(t\\,${fromMs / 1000})`]),
    ...(plan.keyframes === 'timed' && plan.fps === 60 ? ['fps=60'] : []),
  ]
  return tracks
    .map(({ name, width, height }, index) => {
      const from = index === 0 ? '[0:v:0]' : `[from${index}]`
      const chain = [
        ...(index === 0 ? head : []),
        `scale=${width}:${height}:flags=fast_bilinear`,
        'setsar=1',
        ...(index === 0 ? ['format=yuv420p'] : []),
      ]
      const isLast = index === tracks.length - 1
      const to = isLast ? `[${name}]` : `,split[${name}][from${index + 1}]`
      return `${from}${chain.join(',')}${to}`
    })
    .join(';')
}

function encodedVideo(track: VideoTrack, plan: TranscodePlan, options: ArgumentOptions): string[] {
  const bitrate = String(track.bitrate)
  return [
    ...['-map', `[${track.name}]`, '-c:v', 'libx264', '-preset', options.preset, '-tune', 'zerolatency'],
    ...['-profile:v', options.preset === 'ultrafast' ? 'baseline' : 'high', '-bf', '0'],
    ...['-crf', '23', '-maxrate', bitrate, '-bufsize', bitrate],
    // Keyframes stand where they are forced and nowhere else; `-g` must not be reached between two.
    ...['-g', '600', '-sc_threshold', '0', '-force_key_frames', forcedKeyframes(plan, options.segmentMs)],
    // Short probing guesses rates like 29.917: frames keep their timestamps, whatever the guess.
    ...(isAtLeast(options.version, { major: 5, minor: 1 })
      ? ['-fps_mode', 'passthrough']
      : ['-vsync', 'passthrough']),
    ...['-enc_time_base', '1:1000', '-video_track_timescale', '90000'],
  ]
}

/** Half a frame of tolerance, because timestamps of FLV are whole ms and jump by one. */
function forcedKeyframes({ keyframes, fps }: TranscodePlan, segmentMs: number): string {
  if (keyframes === 'source') return 'source'
  const tolerance = (0.5 / Math.max(fps, 1)).toFixed(4)
  return `expr:gte(t,n_forced*${segmentMs / 1000}-${tolerance})`
}
