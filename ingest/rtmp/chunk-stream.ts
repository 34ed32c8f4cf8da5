/**
 * State of one chunk stream: the fields of its last header, because the next header may leave out equal ones,
 * and the message in progress.
 */
export interface ChunkStream {
  timestamp: number
  /** Time field of the last header, ms: an absolute time in a chunk of type 0, otherwise a delta. */
  timeField: number
  isAbsolute: boolean
  hasExtendedTime: boolean
  length: number
  type: number
  streamId: number
  /** The message whose chunks are arriving, and the number of bytes of its payload so far. */
  tag: Buffer | undefined
  received: number
}

export const newChunkStream = (): ChunkStream => ({
  timestamp: 0,
  timeField: 0,
  isAbsolute: true,
  hasExtendedTime: false,
  length: 0,
  type: 0,
  streamId: 0,
  tag: undefined,
  received: 0,
})

/** Value of the time field which means that an extended timestamp follows (RTMP 1.0 section 5.3.1.3). */
export const extendedTime = 0xffffff
/** Maximum absolute time that counts as the delta of a message without a time field, ms; see `deltaOf`. */
const maxFirstDelta = 1000

/**
 * Returns the id in the basic header at `at`, which has `extra` bytes after its first (RTMP 1.0 section
 * 5.3.1.1).
 */
export function chunkStreamId(bytes: Buffer, at: number, extra: number): number {
  if (extra === 0) return (bytes[at] ?? 0) & 0x3f
  return 64 + (bytes[at + 1] ?? 0) + (extra === 2 ? (bytes[at + 2] ?? 0) * 256 : 0)
}

/**
 * Returns the length of the extended timestamp at `at`, 0 or 4; undefined until enough bytes have arrived. In
 * chunks of type 3 the specification demands the field, but older versions of librtmp leave it out, and
 * relays mix both. The field is there when its bytes equal the last extended timestamp.
 */
export function extendedLength(
  bytes: Buffer,
  at: number,
  { timeField }: ChunkStream,
  format: number,
): 0 | 4 | undefined {
  const length = Math.min(4, bytes.length - at)
  const isSame = () =>
    length === 0 || bytes.readUIntBE(at, length) === Math.floor(timeField / 256 ** (4 - length))
  if (format === 3 && !isSame()) return 0
  return length === 4 ? 4 : undefined
}

/**
 * Returns the time from the previous message to one of chunk type 1 to 3, ms. If the last time field was
 * absolute, the specification uses it as the delta of a type 3 chunk (RTMP 1.0 section 5.3.1.2.4). That is
 * right only at the start of a stream. So an absolute time above `maxFirstDelta` counts as a delta of 0, as
 * in librtmp.
 */
export const deltaOf = ({ timeField, isAbsolute }: ChunkStream) =>
  isAbsolute && timeField > maxFirstDelta ? 0 : timeField
