import { expect, test } from 'vitest'
import { slateText } from './slate.ts'

const slateOf = (mediaType: 'image/png' | 'video/webm', bytes: number) => ({ sha256: 'aa', mediaType, bytes })

test.each([
  [null, 'the last picture.'],
  [slateOf('image/png', 48_200), 'this picture, 48 kB.'],
  [slateOf('video/webm', 1_200_000), 'a clip, 1.2 MB.'],
])('says what viewers see: %j', (slate, end) => {
  expect(slateText(slate)).toBe(`While the publisher is away, viewers see ${end}`)
})
