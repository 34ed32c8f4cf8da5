export interface FlvTag {
  type: number
  timestamp: number
  payload: Buffer
}

/** Reads a body as FLV, tag by tag. Ends with the body; throws when the body is torn or is not FLV. */
export async function* readFlv(response: Response): AsyncGenerator<FlvTag> {
  if (!response.ok) throw new Error(`no FLV: ${response.status}`)
  let held = Buffer.alloc(0)
  let headSeen = false
  for await (const bytes of response.body ?? []) {
    held = Buffer.concat([held, bytes])
    if (!headSeen) {
      if (held.length < 13) continue
      if (held.toString('latin1', 0, 3) !== 'FLV') throw new Error('not FLV')
      held = held.subarray(13)
      headSeen = true
    }
    for (;;) {
      if (held.length < 11) break
      const size = held.readUIntBE(1, 3)
      if (held.length < size + 15) break
      if (held.readUInt32BE(size + 11) !== size + 11) throw new Error('FLV tag has a wrong size behind it')
      const timestamp = held.readUIntBE(4, 3) + held.readUInt8(7) * 0x100_0000
      yield { type: held.readUInt8(0), timestamp, payload: held.subarray(11, 11 + size) }
      held = held.subarray(size + 15)
    }
  }
  if (held.length > 0) throw new Error('FLV ends inside a tag')
}

/** Reads on to the end; gives how many tags came. */
export async function countTags(tags: AsyncGenerator<FlvTag>): Promise<number> {
  let count = 0
  for await (const _ of tags) count++
  return count
}
