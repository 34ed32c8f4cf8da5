/** Length of the smallest buffer, bytes. Each further size is twice as long. */
const smallestBytes = 16_384
/** Maximum length of a buffer that is kept, and of all buffers that are kept, bytes. */
const maxBufferBytes = 1 << 22
const maxKeptBytes = 1 << 26

/** Buffers that are free, by their lengths. */
const free = new Map<number, Buffer[]>()
const kept = { bytes: 0 }

/** Returns a buffer of at least `bytes`. What is in it is undefined. */
export function takeBuffer(bytes: number): Buffer {
  const length = Math.max(smallestBytes, 2 ** Math.ceil(Math.log2(bytes)))
  const buffer = free.get(length)?.pop()
  if (buffer === undefined) return Buffer.allocUnsafeSlow(length > maxBufferBytes ? bytes : length)
  kept.bytes -= length
  return buffer
}

/**
 * Returns a buffer to the pool. It must not be used any more. Bodies have few lengths, and large buffers
 * cost: the system clears their memory.
 */
export function giveBuffer(buffer: Buffer): void {
  const { length } = buffer
  if (length > maxBufferBytes || kept.bytes + length > maxKeptBytes) return
  kept.bytes += length
  const same = free.get(length)
  if (same === undefined) free.set(length, [buffer])
  else same.push(buffer)
}
