import { createFile, MP4BoxBuffer } from 'mp4box'

/** Returns the presentation times of all samples of a fragmented MP4 with one track, in seconds, sorted. */
export function sampleTimes(file: Buffer): number[] {
  const mp4 = createFile()
  const times: number[] = []
  mp4.onReady = ({ tracks: [track] }) => {
    if (!track) throw new Error('no track')
    mp4.setExtractionOptions(track.id, undefined, { nbSamples: 1 })
    mp4.start()
  }
  mp4.onSamples = (_id, _user, samples) => {
    for (const { cts, timescale } of samples) times.push(cts / timescale)
  }
  const bytes = Uint8Array.from(file).buffer
  mp4.appendBuffer(MP4BoxBuffer.fromArrayBuffer(bytes, 0))
  mp4.flush()
  return times.toSorted((a, b) => a - b)
}
