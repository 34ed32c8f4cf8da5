import { expect, it } from 'vitest'
import { problemOf } from './ffmpeg-check.ts'

const answer = (version: string, configuration = '--enable-gpl --enable-libx264') =>
  `ffmpeg version ${version} Copyright (c) 2000-2026 the FFmpeg developers\nbuilt with gcc 12\nconfiguration: ${configuration}\n`

it.each([
  '5.1.9-0+deb12u1',
  '5.1',
  '6.0',
  '7.1.1',
  '10.0',
  'n8.0',
  'N-121234-g0a1b2c3d4e',
  '2026-01-05-git-abc',
])('takes %s', (version) => {
  expect(problemOf(answer(version))).toBeUndefined()
})

it.each(['4.4.2-0ubuntu0.22.04.1', '5.0.3', 'n4.4', '3.4.11'])(
  'refuses %s and says what is needed',
  (version) => {
    expect(problemOf(answer(version))).toMatch(
      /^ffmpeg is too old: [345].* is on the PATH, 5\.1 or newer is needed$/,
    )
  },
)

it('refuses a build that cannot encode H.264', () => {
  expect(problemOf(answer('7.1', '--disable-gpl'))).toContain('without libx264')
})
