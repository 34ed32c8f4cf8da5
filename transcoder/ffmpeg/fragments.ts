/**
 * Maximum number of frames in a fragment: a part that begins in the middle of one waits for its last frame.
 */
const maxFrames = 5
/** Length of fragments without parts, ms: then viewers wait for whole segments. */
const withoutPartsMs = 500
/** Length of audio fragments, ms: two AAC frames at 48 kHz, because audio parts begin anywhere. */
const audioMs = 42

/**
 * Returns the length of a video fragment, ms: a whole fraction of a part, so that no part waits for frames of
 * the next. Fewer fragments mean fewer writes and reads, which is most of the cost of reading ffmpeg.
 */
function videoFragmentMs(fps: number, partMs: number | null): number {
  if (partMs === null) return withoutPartsMs
  const frameMs = 1000 / Math.max(fps, 1)
  const framesPerPart = Math.max(1, Math.round(partMs / frameMs))
  let frames = Math.min(maxFrames, framesPerPart)
  while (framesPerPart % frames !== 0) frames--
  // A part of a prime number of frames is one fragment.
  if (frames === 1) frames = Math.min(framesPerPart, 2 * maxFrames)
  // ffmpeg ends a fragment at the first frame that would reach this length. Timestamps of FLV vary by 1 ms.
  return (frames - 0.5) * frameMs
}

/**
 * Returns the options for fragmented MP4 of one track. The packager splits fragments into frames and makes
 * parts of them. Without `skip_trailer` ffmpeg would keep an index of all fragments in memory as long as it
 * runs.
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
