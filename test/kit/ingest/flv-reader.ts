/** A tag of an FLV body, with its timestamp in ms. This parser shares no code with the one under test. */
export interface FlvTag {
  type: number
  timestamp: number
  payload: Buffer
}

const fileHeaderBytes = 13
const tagHeaderBytes = 11

/**
 * Yields the tags of an FLV body until it ends.
 * @throws Error when the response is not a success, or its body is incomplete or malformed
 */
export async function* readFlv(response: Response): AsyncGenerator<FlvTag> {
  if (!response.ok) throw new Error(`no FLV: ${response.status}`)
  let unread = Buffer.alloc(0)
  let hasFileHeader = false
  for await (const bytes of response.body ?? []) {
    unread = Buffer.concat([unread, bytes])
    if (!hasFileHeader) {
      if (unread.length < fileHeaderBytes) continue
      if (unread.toString('latin1', 0, 3) !== 'FLV') throw new Error('not FLV')
      unread = unread.subarray(fileHeaderBytes)
      hasFileHeader = true
    }
    for (;;) {
      if (unread.length < tagHeaderBytes) break
      const size = unread.readUIntBE(1, 3)
      if (unread.length < size + 15) break
      if (unread.readUInt32BE(size + 11) !== size + 11) throw new Error('FLV tag is followed by a wrong size')
      const timestamp = unread.readUIntBE(4, 3) + unread.readUInt8(7) * 0x100_0000
      yield { type: unread.readUInt8(0), timestamp, payload: unread.subarray(11, 11 + size) }
      unread = unread.subarray(size + 15)
    }
  }
  if (unread.length > 0) throw new Error('FLV ends inside a tag')
}

/** Reads all remaining tags and returns their number. */
export async function countTags(tags: AsyncGenerator<FlvTag>): Promise<number> {
  let count = 0
  for await (const _ of tags) count++
  return count
}
