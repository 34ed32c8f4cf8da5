/** A sample of a track fragment. Times and durations are in ticks of the track. */
export interface FragmentSample {
  dts: number
  /** Presentation time: `dts` plus the composition offset. */
  pts: number
  duration: number
  isKeyframe: boolean
}

/** Content of a `traf` box. */
export interface TrackFragment {
  trackId: number
  /** Decode time of the first sample (`tfdt`), ticks. */
  decodeTime: number
  samples: FragmentSample[]
}

interface Box {
  type: string
  content: Buffer
}

const nonSyncBit = 0x1_0000

/**
 * Parses a segment or a part (ISO/IEC 14496-12 8.8). Returns one fragment per `traf`.
 *
 * @throws RangeError when it is malformed
 */
export function readFragments(media: Buffer): TrackFragment[] {
  return boxesIn(media)
    .filter(({ type }) => type === 'moof')
    .flatMap(({ content }) => boxesIn(content))
    .filter(({ type }) => type === 'traf')
    .map(({ content }) => readFragment(boxesIn(content)))
}

function boxesIn(bytes: Buffer): Box[] {
  const boxes: Box[] = []
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at)
    if (size < 8 || at + size > bytes.length) throw new RangeError(`a box of ${size} bytes at ${at}`)
    boxes.push({ type: bytes.toString('latin1', at + 4, at + 8), content: bytes.subarray(at + 8, at + size) })
    at += size
  }
  return boxes
}

function readFragment(boxes: readonly Box[]): TrackFragment {
  const find = (name: string) => {
    const content = boxes.find(({ type }) => type === name)?.content
    if (content === undefined) throw new RangeError(`a track fragment without ${name}`)
    return content
  }
  const tfdt = find('tfdt')
  const decodeTime = tfdt[0] === 1 ? Number(tfdt.readBigUInt64BE(4)) : tfdt.readUInt32BE(4)
  const tfhd = find('tfhd')
  const trackId = tfhd.readUInt32BE(4)
  return { trackId, decodeTime, samples: readRun(find('trun'), defaultsOf(tfhd), decodeTime) }
}

/** Returns duration and flags for samples that have none of their own (ISO/IEC 14496-12 8.8.7). */
function defaultsOf(tfhd: Buffer): { duration: number; flags: number } {
  const present = tfhd.readUInt32BE(0) & 0xff_ffff
  let at = 8 + (present & 0x1 ? 8 : 0) + (present & 0x2 ? 4 : 0)
  const next = (bit: number) => {
    if ((present & bit) === 0) return 0
    at += 4
    return tfhd.readUInt32BE(at - 4)
  }
  const duration = next(0x8)
  next(0x10)
  return { duration, flags: next(0x20) }
}

/** Returns the samples of a `trun` box (ISO/IEC 14496-12 8.8.8). */
function readRun(
  trun: Buffer,
  defaults: { duration: number; flags: number },
  decodeTime: number,
): FragmentSample[] {
  const present = trun.readUInt32BE(0) & 0xff_ffff
  const count = trun.readUInt32BE(4)
  let at = 8 + (present & 0x1 ? 4 : 0)
  const next = (bit: number, fallback: number) => {
    if ((present & bit) === 0) return fallback
    at += 4
    return trun.readUInt32BE(at - 4)
  }
  const firstFlags = next(0x4, defaults.flags)
  const samples: FragmentSample[] = []
  for (let index = 0, dts = decodeTime; index < count; index++) {
    const duration = next(0x100, defaults.duration)
    next(0x200, 0)
    const flags = next(0x400, index === 0 ? firstFlags : defaults.flags)
    const offset = next(0x800, 0) | 0
    samples.push({ dts, pts: dts + offset, duration, isKeyframe: (flags & nonSyncBit) === 0 })
    dts += duration
  }
  return samples
}
