/** The decode time in the first `tfdt` (version 1) of a chunk, ticks. */
export function firstDecodeTime(chunk: Buffer): number {
  const at = chunk.indexOf('tfdt')
  if (at === -1) throw new Error('no tfdt')
  return Number(chunk.readBigUInt64BE(at + 8))
}
