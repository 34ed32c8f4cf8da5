/**
 * Returns the timescale of an init segment's track, units per second (`mdhd`, ISO/IEC 14496-12, section
 * 8.4.2); undefined if the box is missing.
 */
export function timescaleOf(init: ArrayBuffer): number | undefined {
  const at = findBox(init, 'mdhd')
  if (at === undefined) return undefined
  const view = new DataView(init)
  return view.getUint32(at + (view.getUint8(at) === 1 ? 20 : 12))
}

/**
 * Returns the decode time of the first sample in a part or segment, in units of the timescale (`tfdt`,
 * ISO/IEC 14496-12, section 8.8.12); undefined if the box is missing.
 */
export function decodeTimeOf(media: ArrayBuffer): number | undefined {
  const at = findBox(media, 'tfdt')
  if (at === undefined) return undefined
  const view = new DataView(media)
  return view.getUint8(at) === 1 ? Number(view.getBigUint64(at + 4)) : view.getUint32(at + 4)
}

/** Boxes whose content `findBox` searches. */
const containers = new Set(['moov', 'trak', 'mdia', 'moof', 'traf'])

/** Returns the offset of the content of the first box of a type, depth first; undefined if there is none. */
function findBox(data: ArrayBuffer, type: string): number | undefined {
  const view = new DataView(data)
  let at = 0
  while (at + 16 <= data.byteLength) {
    const size = view.getUint32(at)
    const name = String.fromCharCode(...new Uint8Array(data, at + 4, 4))
    if (name === type) return at + 8
    if (size < 8) return undefined
    at += containers.has(name) ? 8 : size
  }
  return undefined
}
