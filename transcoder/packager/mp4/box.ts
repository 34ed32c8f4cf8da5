/** Returns the four characters of a box type as a 32-bit number. */
export const typeCode = (type: string): number => Buffer.from(type, 'latin1').readUInt32BE(0)

/** Makes a box of a length field, the type and the body (ISO/IEC 14496-12 4.2). */
export function makeBox(type: string, ...body: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32BE(body.reduce((sum, each) => sum + each.length, 8))
  header.write(type, 4, 'latin1')
  return Buffer.concat([header, ...body])
}

/** Makes a full box, whose body begins with a version and flags (ISO/IEC 14496-12 4.2). */
export function makeFullBox(
  type: string,
  version: number,
  flags: number,
  ...body: readonly Buffer[]
): Buffer {
  return makeBox(type, uint32(version * 0x1000000 + flags), ...body)
}

/** Returns a buffer of big-endian 32-bit numbers. */
export function uint32(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) buffer.writeUInt32BE(value, index * 4)
  return buffer
}
