import { MediaError } from './media-error.ts'

/** A box inside a buffer (ISO/IEC 14496-12, 4.2): where its body lies. */
export interface Box {
  type: string
  /** First byte of the header. */
  start: number
  /** First byte of the body. */
  body: number
  /** First byte after the box. */
  end: number
}

/** Boxes that stand one after another in `from..to`. @throws MediaError when a size does not fit. */
export function* boxesIn(buffer: Buffer, from = 0, to = buffer.length): Generator<Box> {
  let start = from
  while (start + 8 <= to) {
    const size = buffer.readUInt32BE(start)
    const end = start + size
    if (size < 8 || end > to) throw new MediaError(`box size ${size} does not fit`)
    yield { type: buffer.toString('latin1', start + 4, start + 8), start, body: start + 8, end }
    start = end
  }
}

/** The first box at the end of a path of types; undefined when there is none. */
export function findBox(
  buffer: Buffer,
  path: readonly string[],
  from = 0,
  to = buffer.length,
): Box | undefined {
  const [type, ...rest] = path
  for (const box of boxesIn(buffer, from, to)) {
    if (box.type !== type) continue
    return rest.length === 0 ? box : findBox(buffer, rest, box.body, box.end)
  }
  return undefined
}

/** Like `findBox`. @throws MediaError when there is none. */
export function requireBox(buffer: Buffer, path: readonly string[], from = 0, to = buffer.length): Box {
  const box = findBox(buffer, path, from, to)
  if (!box) throw new MediaError(`no ${path.join('/')} box`)
  return box
}

/** A box of given type around its body. */
export function makeBox(type: string, ...body: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32BE(body.reduce((sum, each) => sum + each.length, 8))
  header.write(type, 4, 'latin1')
  return Buffer.concat([header, ...body])
}

/** A full box: version and flags, then the body (ISO/IEC 14496-12, 4.2). */
export function makeFullBox(
  type: string,
  version: number,
  flags: number,
  ...body: readonly Buffer[]
): Buffer {
  return makeBox(type, uint32(version * 0x1000000 + flags), ...body)
}

/** Big-endian 32-bit numbers one after another. */
export function uint32(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) buffer.writeUInt32BE(value, index * 4)
  return buffer
}
