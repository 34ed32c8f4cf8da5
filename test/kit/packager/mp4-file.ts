import { createFile, MP4BoxBuffer, type Track } from 'mp4box'
import type { Sample } from '../../../transcoder/packager/packager.ts'

/**
 * Returns the only track of a fragmented MP4, and its samples in decode order.
 * @throws Error when the file has no track
 */
export function readSamples(file: Buffer): { track: Track; read: Sample[] } {
  const mp4 = createFile()
  const read: Sample[] = []
  let found: Track | undefined
  mp4.onReady = ({ tracks: [track] }) => {
    if (!track) throw new Error('no track')
    found = track
    mp4.setExtractionOptions(track.id, undefined, { nbSamples: 1 })
    mp4.start()
  }
  mp4.onSamples = (_id, _user, samples) => {
    for (const { dts, cts, duration, is_sync: isSync, data } of samples)
      read.push({
        dts,
        duration,
        compositionOffset: cts - dts,
        isSync,
        data: Buffer.from(data ?? []),
      })
  }
  mp4.appendBuffer(MP4BoxBuffer.fromArrayBuffer(Uint8Array.from(file).buffer, 0))
  mp4.flush()
  if (!found) throw new Error('no track')
  return { track: found, read }
}

/** Returns the presentation times of all samples of the first track of a fragmented MP4, s, sorted. */
export function sampleTimes(file: Buffer): number[] {
  const { track, read } = readSamples(file)
  return read
    .map(({ dts, compositionOffset }) => (dts + compositionOffset) / track.timescale)
    .toSorted((a, b) => a - b)
}
