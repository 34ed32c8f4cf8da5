import { MediaError } from './media-error.ts'

/** Position of a box in a buffer (ISO/IEC 14496-12 4.2). */
export interface Box {
  /**
   * Type as `typeCode` returns it. Types are compared for every box of every frame, and numbers are faster
   * than text.
   */
  type: number
  /** First byte of the header. */
  start: number
  /** First byte of the body. */
  body: number
  /** First byte after the box. */
  end: number
}

/** The four characters of a box type as a number. */
export const typeCode = (type: string): number => Buffer.from(type, 'latin1').readUInt32BE(0)

/** Returns the boxes that follow one another in `from..to`. @throws MediaError when a size does not fit. */
export function boxesIn(buffer: Buffer, from = 0, to = buffer.length): Box[] {
  const boxes: Box[] = []
  for (let start = from; start + 8 <= to; ) {
    const size = buffer.readUInt32BE(start)
    const end = start + size
    if (size < 8 || end > to) throw new MediaError(`box size ${size} does not fit`)
    boxes.push({ type: buffer.readUInt32BE(start + 4), start, body: start + 8, end })
    start = end
  }
  return boxes
}

/** Returns the first box at the end of a path of types. @throws MediaError when there is none. */
export function requireBox(
  buffer: Buffer,
  [type = '', ...rest]: readonly string[],
  from = 0,
  to = buffer.length,
): Box {
  const code = typeCode(type)
  const box = boxesIn(buffer, from, to).find((each) => each.type === code)
  if (!box) throw new MediaError(`no ${type} box`)
  return rest.length === 0 ? box : requireBox(buffer, rest, box.body, box.end)
}

/** Reads the unsigned 64-bit number at `at`; exact up to 2^53. */
export const readUint64 = (buffer: Buffer, at: number): number =>
  buffer.readUInt32BE(at) * 2 ** 32 + buffer.readUInt32BE(at + 4)

/** Makes a box of a type around its body. */
export function makeBox(type: string, ...body: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32BE(body.reduce((sum, each) => sum + each.length, 8))
  header.write(type, 4, 'latin1')
  return Buffer.concat([header, ...body])
}

/** Makes a full box: version and flags, then the body (ISO/IEC 14496-12 4.2). */
export function makeFullBox(
  type: string,
  version: number,
  flags: number,
  ...body: readonly Buffer[]
): Buffer {
  return makeBox(type, uint32(version * 0x1000000 + flags), ...body)
}

/** Writes big-endian 32-bit numbers one after another. */
export function uint32(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) buffer.writeUInt32BE(value, index * 4)
  return buffer
}
