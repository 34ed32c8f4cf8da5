import { expect, test } from 'vitest'
import type { TranscodePlan } from '../plan/plan.ts'
import { argumentsOf } from './command.ts'
import { audioJob, type VideoJobOptions, videoJob } from './ffmpeg-job.ts'

const options: VideoJobOptions = {
  input: 'flv',
  preset: 'veryfast',
  version: { major: 5, minor: 1 },
  fromMs: 0,
  keyframesMs: { first: 0, every: 2000 },
}
const plan: TranscodePlan = {
  video: [
    { name: '720p', width: 1280, height: 720, bitrate: null },
    { name: '480p', width: 854, height: 480, bitrate: 1_130_000 },
    { name: '360p', width: 640, height: 360, bitrate: 700_000 },
  ],
  omitted: [],
  audio: 'passed',
  hasSurround: false,
  fps: 30,
  keyframes: 'source',
  picture: { deinterlaces: false, mapsTones: false, frameStep: 1, isIntraOnly: false },
}
/** The plan above, but with every rendition encoded and timed keyframes. */
const timed: TranscodePlan = {
  ...plan,
  video: plan.video.map((track) => ({ ...track, bitrate: track.bitrate ?? 2_260_000 })),
  keyframes: 'timed',
}

const line = (job: TranscodePlan, more: Partial<VideoJobOptions> = {}) =>
  argumentsOf(videoJob(job, { ...options, ...more })).join(' ')

const inputOf = (format: string) =>
  '-hide_banner -nostdin -nostats -loglevel repeat+level+warning -progress pipe:3 -stats_period 1 ' +
  `-flags low_delay -probesize 5000000 -analyzeduration 50000 -copyts -protocol_whitelist pipe -f ${format} -i pipe:0`
const output =
  '-f flv -flvflags no_duration_filesize+no_sequence_end -flush_packets 1 -avoid_negative_ts disabled'
const x264 = (bitrate: number, keyframes: string, gop = 600) =>
  `-c:v libx264 -preset veryfast -tune zerolatency -profile:v high -bf 0 -crf 23 -maxrate ${bitrate} -bufsize ${bitrate} ` +
  `-g ${gop} -sc_threshold 0 -force_key_frames ${keyframes} -fps_mode passthrough -enc_time_base 1:1000`

test('two rungs below a source that is passed through', () => {
  expect(line(plan)).toBe(
    [
      inputOf('flv'),
      '-filter_complex [0:v:0]select=gte(t\\,0),scale=854:480:flags=fast_bilinear,setsar=1,format=yuv420p,split[480p][from1];' +
        '[from1]scale=640:360:flags=fast_bilinear,setsar=1[360p]',
      `-map [480p] ${x264(1_130_000, 'source')} ${output} pipe:4`,
      `-map [360p] ${x264(700_000, 'source')} ${output} pipe:5`,
    ].join(' '),
  )
})

test('everything encoded from a time on, with timed keyframes', () => {
  expect(line(timed, { fromMs: 12_345, keyframesMs: { first: 700, every: 2000 } })).toBe(
    [
      inputOf('flv'),
      '-filter_complex [0:v:0]select=gte(t\\,12.345),scale=1280:720:flags=fast_bilinear,setsar=1,format=yuv420p,split[720p][from1];' +
        '[from1]scale=854:480:flags=fast_bilinear,setsar=1,split[480p][from2];' +
        '[from2]scale=640:360:flags=fast_bilinear,setsar=1[360p]',
      `-map [720p] ${x264(2_260_000, 'expr:gte(t,n_forced*2+0.6835)')} ${output} pipe:4`,
      `-map [480p] ${x264(1_130_000, 'expr:gte(t,n_forced*2+0.6835)')} ${output} pipe:5`,
      `-map [360p] ${x264(700_000, 'expr:gte(t,n_forced*2+0.6835)')} ${output} pipe:6`,
    ].join(' '),
  )
  expect(line(timed)).toContain('expr:gte(t,n_forced*2-0.0165)')
})

test('audio', () => {
  expect(argumentsOf(audioJob('audio', 'flv')).join(' ')).toBe(
    `${inputOf('flv')} -map 0:a:0 -c:a aac -b:a 128k -ar 48000 -ac 2 ${output} pipe:4`,
  )
})

test('codecs that old versions cannot read from FLV come in Matroska', () => {
  expect(line(plan, { input: 'matroska' })).toContain(inputOf('matroska'))
})

test('versions before 5.1 know only -vsync', () => {
  expect(line(plan, { version: { major: 4, minor: 4 } })).toContain(' -vsync passthrough ')
  expect(line(plan, { version: { major: 4, minor: 4 } })).not.toContain('-fps_mode')
})

test.each([
  [{ frameStep: 2 }, 'select=gte(t\\,0),framestep=2,scale='],
  [{ deinterlaces: true }, '[0:v:0]bwdif=send_frame,select='],
  [
    { mapsTones: true },
    ',setsar=1,zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,',
  ],
  [{ isIntraOnly: true }, ' -g 1 '],
  [{ isIntraOnly: true }, ' -probesize 32 '],
])('pictures that need %o', (picture, expected) => {
  expect(line({ ...timed, picture: { ...timed.picture, ...picture } })).toContain(expected)
})
