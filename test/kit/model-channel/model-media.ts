import { makeChunk } from '../../../transcoder/packager/mp4/chunk.ts'
import type { Sample } from '../../../transcoder/packager/packager.ts'

/** Length of a part, ms: 8 frames of video at 25 per second, 15 frames of sound at 48 kHz. */
export const modelPartMs = 320
const videoFrames = 8
const videoTicks = 3600
const audioFrames = 15

/** Makes the chunk of `count` parts in a row, of which the first has the number `firstPart`. */
export function makeModelMedia(
  rendition: string,
  firstPart: number,
  count: number,
  { partsPerSegment, partBytes }: { partsPerSegment: number; partBytes: number },
): Buffer {
  const isAudio = rendition === 'audio'
  const [perPart, duration] = isAudio ? [audioFrames, 1024] : [videoFrames, videoTicks]
  const bytes = Math.ceil((isAudio ? partBytes / 4 : partBytes) / perPart)
  const samples = Array.from({ length: perPart * count }, (_, index): Sample => {
    const frame = firstPart * perPart + index
    const isSync = isAudio || frame % (partsPerSegment * videoFrames) === 0
    // The bytes of each rendition differ, as those of an encoder do.
    const data = Buffer.alloc(bytes, `${rendition} ${frame}`)
    return { dts: frame * duration, duration, compositionOffset: 0, isSync, data }
  })
  return makeChunk(firstPart + 1, samples)
}
