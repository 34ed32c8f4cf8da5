import { expect, test } from 'vitest'
import { checkFfmpeg, isAtLeast, parseFfmpegVersion, readsEnhancedRtmp } from './ffmpeg-version.ts'

test.each([
  ['ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026', { major: 5, minor: 1 }],
  ['ffmpeg version n7.1 Copyright (c)', { major: 7, minor: 1 }],
  ['ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright', { major: 4, minor: 4 }],
  ['ffmpeg version 8.0 Copyright', { major: 8, minor: 0 }],
  ['ffmpeg version N-109542-g0e2d3d1 Copyright', { major: Number.POSITIVE_INFINITY, minor: 0 }],
  ['ffmpeg version git-2024-01-01-abc Copyright', { major: Number.POSITIVE_INFINITY, minor: 0 }],
  ['bash: command not found', undefined],
])('%s', (output, expected) => {
  expect(parseFfmpegVersion(output)).toEqual(expected)
})

test.each([
  ['ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026 the FFmpeg developers', false],
  ['ffmpeg version 6.0 Copyright', false],
  ['ffmpeg version 6.1.1-3ubuntu5 Copyright', true],
  ['ffmpeg version n7.1 Copyright', true],
  ['ffmpeg version N-112345-gabcdef Copyright', true],
  ['', false],
])('%s reads enhanced RTMP: %s', (line, expected) => {
  expect(readsEnhancedRtmp(parseFfmpegVersion(line) ?? { major: 0, minor: 0 })).toBe(expected)
})

test('compares versions', () => {
  expect(isAtLeast({ major: 4, minor: 4 }, { major: 4, minor: 4 })).toBe(true)
  expect(isAtLeast({ major: 4, minor: 3 }, { major: 4, minor: 4 })).toBe(false)
  expect(isAtLeast({ major: 5, minor: 0 }, { major: 4, minor: 4 })).toBe(true)
})

test('a missing program and one that is something else are reported in one line', async () => {
  await expect(checkFfmpeg('/nowhere/ffmpeg')).rejects.toThrow(
    /^ffmpeg: \/nowhere\/ffmpeg was not found; .*NOWCAST_FFMPEG$/,
  )
  await expect(checkFfmpeg('echo')).rejects.toThrow('ffmpeg: echo is not ffmpeg; set NOWCAST_FFMPEG')
})
