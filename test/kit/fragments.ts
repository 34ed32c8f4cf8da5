/**
 * Returns type and content of each box in a part of an MP4 file, but not of boxes inside these.
 * @throws Error when a box has an invalid size
 */
function boxesIn(bytes: Buffer): { type: string; content: Buffer }[] {
  const boxes: { type: string; content: Buffer }[] = []
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at)
    if (size < 8 || at + size > bytes.length)
      throw new Error(`a box of ${size} bytes at ${at} of ${bytes.length}`)
    boxes.push({ type: bytes.toString('latin1', at + 4, at + 8), content: bytes.subarray(at + 8, at + size) })
    at += size
  }
  return boxes
}

const inside = (boxes: { type: string; content: Buffer }[], type: string) =>
  boxes.filter((box) => box.type === type).flatMap(({ content }) => boxesIn(content))

/**
 * Returns decode time and sample count of each track fragment (ISO/IEC 14496-12 8.8) as a text.
 * @throws Error when a fragment has no `tfdt` or no `trun`, or a box has an invalid size
 */
export function trackTimes(segment: Buffer): string[] {
  return inside(boxesIn(segment), 'moof')
    .filter(({ type }) => type === 'traf')
    .map(({ content }) => {
      const boxes = boxesIn(content)
      const tfdt = boxes.find(({ type }) => type === 'tfdt')?.content
      const trun = boxes.find(({ type }) => type === 'trun')?.content
      if (!tfdt || !trun) throw new Error('a track fragment without tfdt or trun')
      const start = tfdt[0] === 1 ? tfdt.readBigUInt64BE(4) : BigInt(tfdt.readUInt32BE(4))
      return `${start} of ${trun.readUInt32BE(4)} samples`
    })
}
