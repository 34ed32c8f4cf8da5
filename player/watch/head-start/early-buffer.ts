/**
 * Number of bytes at the end of an append by which it is recognized, together with its length. hls.js changes
 * only the beginning of the media that it appends.
 */
const tailBytes = 24

export type EarlyBuffer = ReturnType<typeof createEarlyBuffer>

/**
 * Appends media to a source buffer, one append at a time. After `release`, the buffer ignores each of these
 * appends once, because hls.js makes them again.
 */
export function createEarlyBuffer(onError: () => void) {
  const queue: { data: ArrayBuffer; isMedia: boolean }[] = []
  const known = new Set<string>()
  let buffer: SourceBuffer | undefined
  let offset: number | undefined
  let isClosed = false
  let onIdle: (() => void) | undefined

  function pump() {
    if (buffer === undefined || buffer.updating) return
    const next = isClosed ? undefined : queue[0]
    // Media waits until its place in the timeline is known.
    if (next === undefined || (next.isMedia && offset === undefined)) return onIdle?.()
    queue.shift()
    try {
      if (next.isMedia && offset !== undefined && buffer.timestampOffset !== offset)
        buffer.timestampOffset = offset
      buffer.appendBuffer(next.data)
      known.add(nameOf(next.data))
    } catch {
      onError()
    }
  }

  return {
    open(opened: SourceBuffer) {
      buffer = opened
      buffer.addEventListener('updateend', pump)
      buffer.addEventListener('error', onError)
      pump()
    },
    setOffset(seconds: number) {
      offset = seconds
      pump()
    },
    append(data: ArrayBuffer, isMedia: boolean) {
      queue.push({ data, isMedia })
      pump()
    },

    /** Makes the buffer ignore an append of `data` after `release`, because it has the same media already. */
    markAppended(data: ArrayBuffer) {
      known.add(nameOf(data))
    },

    /**
     * Makes no further appends. Resolves with the buffer when it is idle; with undefined when it was never
     * opened.
     */
    async release(): Promise<SourceBuffer | undefined> {
      isClosed = true
      const released = buffer
      if (released === undefined) return undefined
      if (released.updating)
        await new Promise<void>((resolve) => {
          onIdle = resolve
        })
      released.removeEventListener('updateend', pump)
      released.removeEventListener('error', onError)
      ignoreKnown(released, known)
      return released
    },
  }
}

/** Makes a buffer ignore each of the `known` appends once. The caller gets the events of a success. */
function ignoreKnown(buffer: SourceBuffer, known: Set<string>): void {
  const append = buffer.appendBuffer.bind(buffer)
  buffer.appendBuffer = (data) => {
    if (!known.delete(nameOf(data))) return append(data)
    queueMicrotask(() => {
      for (const type of ['updatestart', 'update', 'updateend']) buffer.dispatchEvent(new Event(type))
    })
  }
}

function nameOf(data: BufferSource): string {
  const bytes = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data)
  return `${bytes.length} ${bytes.slice(-tailBytes).join()}`
}
