import { boxesIn, requireBox } from './box.ts'
import { MediaError } from './media-error.ts'
import type { SampleDefaults, Track } from './movie.ts'
import type { Sample } from './sample.ts'

const notSync = 0x0001_0000

/** Samples of one fragment: bodies of `moof` and of the `mdat` behind it. @throws MediaError when they do not agree. */
export function parseFragment(track: Track, moof: Buffer, mdat: Buffer): Sample[] {
  const traf = requireBox(moof, ['traf'])
  const tfdt = requireBox(moof, ['tfdt'], traf.body, traf.end)
  const defaults = fragmentDefaults(track, moof, traf.body, traf.end)
  const samples: Sample[] = []
  let dts =
    moof[tfdt.body] === 1 ? Number(moof.readBigUInt64BE(tfdt.body + 4)) : moof.readUInt32BE(tfdt.body + 4)
  let offset = 0
  for (const trun of boxesIn(moof, traf.body, traf.end)) {
    if (trun.type !== 'trun') continue
    for (const entry of runEntries(moof, trun.body, trun.end, defaults)) {
      const data = mdat.subarray(offset, offset + entry.size)
      if (data.length !== entry.size) throw new MediaError('a sample reaches beyond its mdat')
      const { duration, compositionOffset } = entry
      samples.push({ dts, duration, compositionOffset, isSync: (entry.flags & notSync) === 0, data })
      dts += duration
      offset += entry.size
    }
  }
  return samples
}

/** Defaults of the track as `tfhd` overrides them (ISO/IEC 14496-12, 8.8.7). */
function fragmentDefaults(track: Track, moof: Buffer, from: number, to: number): SampleDefaults {
  const { body } = requireBox(moof, ['tfhd'], from, to)
  const present = moof.readUInt32BE(body)
  let at = body + 8
  const next = () => {
    at += 4
    return moof.readUInt32BE(at - 4)
  }
  if (present & 0x1) at += 8
  if (present & 0x2) at += 4
  return {
    duration: present & 0x8 ? next() : track.defaults.duration,
    size: present & 0x10 ? next() : track.defaults.size,
    flags: present & 0x20 ? next() : track.defaults.flags,
  }
}

/** Entries of a `trun` (ISO/IEC 14496-12, 8.8.8). Data is taken to lie in the order of the entries, as every muxer writes it. */
function* runEntries(moof: Buffer, body: number, end: number, defaults: SampleDefaults) {
  const present = moof.readUInt32BE(body)
  const isSigned = present >= 0x1000000
  const count = moof.readUInt32BE(body + 4)
  let at = body + 8
  if (present & 0x1) at += 4
  let firstFlags: number | undefined
  if (present & 0x4) {
    firstFlags = moof.readUInt32BE(at)
    at += 4
  }
  const fields = [0x100, 0x200, 0x400, 0x800].filter((bit) => present & bit).length
  if (at + count * fields * 4 > end) throw new MediaError('trun is cut off')
  const next = () => {
    at += 4
    return moof.readUInt32BE(at - 4)
  }
  for (let index = 0; index < count; index++) {
    const duration = present & 0x100 ? next() : defaults.duration
    const size = present & 0x200 ? next() : defaults.size
    const own = present & 0x400 ? next() : defaults.flags
    const flags = index === 0 && firstFlags !== undefined ? firstFlags : own
    const raw = present & 0x800 ? next() : 0
    yield { duration, size, flags, compositionOffset: isSigned ? raw | 0 : raw }
  }
}
