import { expect, test } from 'vitest'
import { isNewEnough, readsEnhancedRtmp } from './ffmpeg-version.ts'

test.each([
  ['ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026 the FFmpeg developers', false],
  ['ffmpeg version 6.0 Copyright', false],
  ['ffmpeg version 6.1.1-3ubuntu5 Copyright', true],
  ['ffmpeg version n7.1 Copyright', true],
  ['ffmpeg version N-112345-gabcdef Copyright', true],
  ['', false],
])('%s', (line, expected) => expect(isNewEnough(line)).toBe(expected))

test('an ffmpeg that is not there reads nothing', async () => {
  expect(await readsEnhancedRtmp('/nowhere/ffmpeg')).toBe(false)
})
