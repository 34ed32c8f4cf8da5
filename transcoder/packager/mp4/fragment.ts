import { boxesIn, readUint64, typeCode } from './box.ts'
import { MediaError } from './media-error.ts'
import type { SampleDefaults, Track } from './movie.ts'
import type { Sample } from './sample.ts'

const traf = typeCode('traf')
const tfhd = typeCode('tfhd')
const tfdt = typeCode('tfdt')
const trun = typeCode('trun')

/** Maximum decode time, ticks: below it sums of times are exact. */
const maxTime = 2 ** 50

const notSync = 0x0001_0000

/**
 * Parses the samples of one fragment from the bodies of its `moof` and the following `mdat`.
 * @throws MediaError when the two do not match.
 */
export function parseFragment(track: Track, moof: Buffer, mdat: Buffer): Sample[] {
  const samples: Sample[] = []
  let defaults = track.defaults
  let dts: number | undefined
  let offset = 0
  const [fragment] = boxesIn(moof).filter((box) => box.type === traf)
  if (!fragment) throw new MediaError('no traf box')
  // ISO/IEC 14496-12 8.8: tfhd comes first, tfdt before any trun.
  for (const { type, body, end } of boxesIn(moof, fragment.body, fragment.end)) {
    if (type === tfhd) defaults = fragmentDefaults(moof, body, track.defaults)
    if (type === tfdt) dts = moof[body] === 1 ? readUint64(moof, body + 4) : moof.readUInt32BE(body + 4)
    if (type !== trun) continue
    if (dts === undefined) throw new MediaError('no tfdt box')
    if (dts > maxTime) throw new MediaError(`decode time ${dts} is out of range`)
    for (const { duration, size, flags, compositionOffset } of runEntries(moof, body, end, defaults)) {
      if (offset + size > mdat.length) throw new MediaError('a sample extends past its mdat')
      const data = mdat.subarray(offset, offset + size)
      samples.push({ dts, duration, compositionOffset, isSync: (flags & notSync) === 0, data })
      dts += duration
      offset += size
    }
  }
  return samples
}

/** Returns the defaults of the track as overridden by `tfhd` (ISO/IEC 14496-12 8.8.7). */
function fragmentDefaults(moof: Buffer, body: number, of: SampleDefaults): SampleDefaults {
  const present = moof.readUInt32BE(body)
  let at = body + 8
  const next = () => {
    at += 4
    return moof.readUInt32BE(at - 4)
  }
  if (present & 0x1) at += 8
  if (present & 0x2) at += 4
  return {
    duration: present & 0x8 ? next() : of.duration,
    size: present & 0x10 ? next() : of.size,
    flags: present & 0x20 ? next() : of.flags,
  }
}

interface RunEntry extends SampleDefaults {
  compositionOffset: number
}

/**
 * Parses the entries of a `trun` (ISO/IEC 14496-12 8.8.8). The media is assumed to be in the order of the
 * entries, as every muxer writes it.
 */
function runEntries(moof: Buffer, body: number, end: number, defaults: SampleDefaults): RunEntry[] {
  const present = moof.readUInt32BE(body)
  const isSigned = present >= 0x1000000
  const count = moof.readUInt32BE(body + 4)
  let at = body + 8
  const next = () => {
    at += 4
    return moof.readUInt32BE(at - 4)
  }
  if (present & 0x1) at += 4
  const firstFlags = present & 0x4 ? next() : undefined
  const fields = [0x100, 0x200, 0x400, 0x800].filter((bit) => present & bit).length
  if (at + count * fields * 4 > end || count > end) throw new MediaError('trun is truncated')
  const entries: RunEntry[] = []
  for (let index = 0; index < count; index++) {
    const duration = present & 0x100 ? next() : defaults.duration
    const size = present & 0x200 ? next() : defaults.size
    const own = present & 0x400 ? next() : defaults.flags
    const flags = index === 0 && firstFlags !== undefined ? firstFlags : own
    const offset = present & 0x800 ? next() : 0
    entries.push({ duration, size, flags, compositionOffset: isSigned ? offset | 0 : offset })
  }
  return entries
}
