/** Most frames in a fragment: a part that begins in the middle of one waits for its last frame. */
const mostFrames = 5
/** Without parts nobody waits for less than a segment, ms. */
const withoutPartsMs = 500
/** Two AAC frames at 48 kHz: parts of sound begin anywhere. */
const audioMs = 42

/**
 * How long a fragment of video shall be, ms: an even share of a part, so that no part waits for frames that are not its own.
 * Fewer fragments are fewer writes and reads, which is most of what reading ffmpeg costs.
 */
function videoFragmentMs(fps: number, partMs: number | null): number {
  if (partMs === null) return withoutPartsMs
  const frameMs = 1000 / Math.max(fps, 1)
  const framesOfPart = Math.max(1, Math.round(partMs / frameMs))
  let frames = Math.min(mostFrames, framesOfPart)
  while (framesOfPart % frames !== 0) frames--
  // A part of a prime number of frames is a fragment itself.
  if (frames === 1) frames = Math.min(framesOfPart, 2 * mostFrames)
  // ffmpeg ends a fragment at the first frame that would reach this length; timestamps of FLV jump by 1 ms.
  return (frames - 0.5) * frameMs
}

/**
 * Options for fragmented MP4 of one track. The packager takes fragments apart into frames and makes parts of those.
 * Without `skip_trailer` ffmpeg keeps an index of all fragments in memory, for as long as it runs.
 */
export function fragmentOptions(kind: 'video' | 'audio', fps: number, partMs: number | null): string[] {
  const lengthMs =
    kind === 'video' ? videoFragmentMs(fps, partMs) : partMs === null ? withoutPartsMs : audioMs - 10
  return [
    ...['-f', 'mp4', '-movflags', '+empty_moov+default_base_moof+frag_keyframe+frag_discont+skip_trailer'],
    ...['-frag_duration', String(Math.round(lengthMs * 1000))],
    ...['-use_editlist', '0', '-avoid_negative_ts', 'disabled', '-flush_packets', '1'],
  ]
}
