import { expect, test } from 'vitest'
import type { TranscodePlan } from '../plan/plan.ts'
import { type ArgumentOptions, ffmpegJob } from './arguments.ts'
import { argumentsOf } from './command.ts'

const options: ArgumentOptions = {
  preset: 'veryfast',
  segmentMs: 2000,
  partMs: 333,
  version: { major: 5, minor: 1 },
  fromMs: null,
}
const plan: TranscodePlan = {
  video: [
    { name: '720p', width: 1280, height: 720, bitrate: null },
    { name: '480p', width: 854, height: 480, bitrate: 1_130_000 },
    { name: '360p', width: 640, height: 360, bitrate: 700_000 },
  ],
  audio: 'copy',
  fps: 30,
  keyframes: 'source',
}
/** The same with everything encoded. */
const timed: TranscodePlan = {
  ...plan,
  video: plan.video.map((track) => ({ ...track, bitrate: track.bitrate ?? 2_260_000 })),
  keyframes: 'timed',
}

const line = (job: TranscodePlan, more: Partial<ArgumentOptions> = {}) =>
  argumentsOf(ffmpegJob(job, { ...options, ...more })).join(' ')

const input =
  '-hide_banner -nostdin -nostats -loglevel repeat+level+warning -progress pipe:3 -stats_period 1 ' +
  '-flags low_delay -probesize 5000000 -analyzeduration 50000 -copyts -f flv -i pipe:0'
const fragmentsOf = (us: number) =>
  `-f mp4 -movflags +empty_moov+default_base_moof+frag_keyframe+frag_discont+skip_trailer -frag_duration ${us} ` +
  '-use_editlist 0 -avoid_negative_ts disabled -flush_packets 1'
/** Five frames at 30 fps. */
const fragments = fragmentsOf(150_000)
const audioFragments = fragmentsOf(32_000)
const x264 = (bitrate: number, keyframes: string) =>
  `-c:v libx264 -preset veryfast -tune zerolatency -profile:v high -bf 0 -crf 23 -maxrate ${bitrate} -bufsize ${bitrate} ` +
  `-g 600 -sc_threshold 0 -force_key_frames ${keyframes} -fps_mode passthrough -enc_time_base 1:1000 -video_track_timescale 90000`

test('the source passed through, two rungs below it, and its audio', () => {
  expect(line(plan)).toBe(
    [
      input,
      '-filter_complex [0:v:0]scale=854:480:flags=fast_bilinear,setsar=1,format=yuv420p,split[480p][from1];' +
        '[from1]scale=640:360:flags=fast_bilinear,setsar=1[360p]',
      `-map 0:v:0 -c:v copy -video_track_timescale 90000 ${fragments} pipe:4`,
      `-map [480p] ${x264(1_130_000, 'source')} ${fragments} pipe:5`,
      `-map [360p] ${x264(700_000, 'source')} ${fragments} pipe:6`,
      `-map 0:a:0 -c:a copy ${audioFragments} pipe:7`,
    ].join(' '),
  )
})

test('everything encoded from a mark on, with timed keyframes', () => {
  expect(line({ ...timed, audio: 'encode' }, { fromMs: 12_345 })).toBe(
    [
      input,
      '-filter_complex [0:v:0]select=gte(t\\,12.345),scale=1280:720:flags=fast_bilinear,setsar=1,format=yuv420p,split[720p][from1];' +
        '[from1]scale=854:480:flags=fast_bilinear,setsar=1,split[480p][from2];' +
        '[from2]scale=640:360:flags=fast_bilinear,setsar=1[360p]',
      `-map [720p] ${x264(2_260_000, 'expr:gte(t,n_forced*2-0.0167)')} ${fragments} pipe:4`,
      `-map [480p] ${x264(1_130_000, 'expr:gte(t,n_forced*2-0.0167)')} ${fragments} pipe:5`,
      `-map [360p] ${x264(700_000, 'expr:gte(t,n_forced*2-0.0167)')} ${fragments} pipe:6`,
      `-map 0:a:0 -c:a aac -b:a 128k -ar 48000 -ac 2 ${audioFragments} pipe:7`,
    ].join(' '),
  )
})

test('no audio, only the source', () => {
  expect(line({ ...plan, video: plan.video.slice(0, 1), audio: 'silent' })).toBe(
    `${input} -map 0:v:0 -c:v copy -video_track_timescale 90000 ${fragments} pipe:4`,
  )
})

test('audio only', () => {
  expect(line({ ...plan, video: [] })).toBe(`${input} -map 0:a:0 -c:a copy ${audioFragments} pipe:4`)
})

test('versions before 5.1 know only -vsync', () => {
  expect(line(plan, { version: { major: 4, minor: 4 } })).toContain(' -vsync passthrough ')
  expect(line(plan, { version: { major: 4, minor: 4 } })).not.toContain('-fps_mode')
})

test('frames above 60 a second are dropped', () => {
  expect(line({ ...timed, fps: 60 })).toContain('[0:v:0]fps=60,scale=')
})
