import { maxStartIndexBytes, parseStartIndex, type StartIndex } from '../../../core/playback/start-bundle.ts'

export interface BundleListener {
  /** Called when bytes arrive. `receivedBytes`: bytes of the bundle so far. */
  onBytes?(receivedBytes: number): void
  onIndex(index: StartIndex): void
  /** Called for each file as soon as it is complete. `receivedBytes`: bytes of the bundle so far. */
  onFile(uri: string, data: ArrayBuffer, receivedBytes: number): void
}

const newline = 10

/** Reads a start bundle while it arrives. Rejects when it is malformed or breaks off. */
export async function readBundle(
  stream: ReadableStream<Uint8Array>,
  { onBytes, onIndex, onFile }: BundleListener,
): Promise<void> {
  let pending = new Uint8Array(0)
  let index: StartIndex | undefined
  let received = 0
  let next = 0

  function takeIndex() {
    const end = pending.indexOf(newline)
    if (end < 0 && pending.length > maxStartIndexBytes) throw new Error('no index')
    if (end < 0) return
    index = parseStartIndex(new TextDecoder().decode(pending.subarray(0, end)))
    if (index === undefined) throw new Error('bad index')
    pending = pending.subarray(end + 1)
    onIndex(index)
  }

  for await (const chunk of chunksOf(stream)) {
    received += chunk.length
    onBytes?.(received)
    pending = join(pending, chunk)
    if (index === undefined) takeIndex()
    for (let file = index?.files[next]; file !== undefined; file = index?.files[next]) {
      const [uri, length] = file
      if (pending.length < length) break
      next++
      onFile(uri, pending.slice(0, length).buffer, received)
      pending = pending.subarray(length)
    }
  }
  if (index === undefined || next < index.files.length) throw new Error('the bundle broke off')
}

/** Returns the chunks of a stream. Some browsers cannot iterate over the stream itself. */
async function* chunksOf(stream: ReadableStream<Uint8Array>) {
  const reader = stream.getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}
