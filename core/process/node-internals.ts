import { type Server, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

// Some of these functions rely on parts of Node.js that are not documented. `readShared` and `writeDirectly`
// report when such a part is missing, and their callers then use the stream of the socket, which is slower.

/**
 * Receives the bytes of one read. They are valid during the call only, because all sockets read into the same
 * buffer. Returns false to stop reading until `resume`.
 */
export type OnRead = (bytes: Buffer) => boolean

/** Size of the shared buffer, bytes: the maximum length of one read. */
const sharedBytes = 65_536

/** Holds the bytes that were read last, from any connection. */
const shared = Buffer.allocUnsafeSlow(sharedBytes)

interface ReadInternals {
  [field: symbol]: unknown
  _handle: { useUserBuffer?(buffer: Buffer): void } | null
}

/** Private fields of a socket for the `onread` option of its constructor; undefined if there are none. */
const [bufferField, callbackField] = ((): (symbol | undefined)[] => {
  const fields = Object.getOwnPropertySymbols(new Socket())
  return ['kBuffer', 'kBufferCb'].map((name) => fields.find(({ description }) => description === name))
})()

/**
 * Makes an accepted socket read into one shared buffer and call `onRead` instead of emitting `data`, as the
 * `onread` option does for sockets that connect. This saves the allocation of 64 KB for each read. Bytes that
 * the stream has buffered already are passed to `onRead` first, in this turn of the event loop. Returns
 * false, and changes nothing, when this Node.js keeps the option elsewhere.
 */
export function readShared(socket: Socket, onRead: OnRead): boolean {
  const internals = socket as unknown as ReadInternals
  const handle = internals._handle
  if (bufferField === undefined || callbackField === undefined || !handle?.useUserBuffer) return false
  handle.useUserBuffer(shared)
  internals[bufferField] = shared
  internals[callbackField] = (length: number) => onRead(shared.subarray(0, length))
  if (socket.readableLength > 0)
    process.nextTick(() => {
      const bytes: Buffer | null = socket.destroyed ? null : socket.read()
      if (bytes !== null) onRead(bytes)
    })
  return true
}

/** Makes a socket report a client behind a proxy as its peer. */
export function setPeer(socket: Socket, { address, port }: { address: string; port: number }): void {
  const family = address.includes(':') ? 'IPv6' : 'IPv4'
  for (const [name, value] of Object.entries({
    remoteAddress: address,
    remoteFamily: family,
    remotePort: port,
  }))
    Object.defineProperty(socket, name, { value, configurable: true })
}

/** Makes a TLS socket report the peer that `setPeer` has set for the socket below it. */
export function inheritPeer(socket: TLSSocket): void {
  const { _parent: parent } = socket as unknown as { _parent?: Socket }
  if (parent === undefined || !Object.hasOwn(parent, 'remoteAddress')) return
  setPeer(socket, { address: parent.remoteAddress ?? '', port: parent.remotePort ?? 0 })
}

/**
 * How much of a direct write the system has taken. `some`: the rest is queued. `none`: nothing was written,
 * and the caller uses the stream instead. `broken`: the connection has failed.
 */
export type Taken = 'all' | 'some' | 'broken' | 'none'

interface WriteRequest {
  oncomplete: ((status: number) => void) | undefined
  /** Keeps the bytes alive while they are queued. */
  buffer: Buffer | undefined
}

interface WriteHandle {
  writeBuffer?(request: WriteRequest, bytes: Buffer): number
  /** Number of bytes that the system has not taken yet. */
  readonly writeQueueSize: number
}

const newWriteRequest = writeRequestFactory()
let spareRequest: WriteRequest | undefined

/**
 * Writes to a socket without going through its stream, whose queue must be empty. The system nearly always
 * takes a short response at once, and a request then costs 4 % less CPU (docs/decisions/0009). After `some`,
 * `onTaken` is called when the system has taken the rest, but not when the connection breaks before that.
 */
export function writeDirectly(socket: Socket, bytes: Buffer, onTaken: () => void): Taken {
  const handle = (socket as unknown as { _handle: WriteHandle | null })._handle
  if (newWriteRequest === undefined || !handle?.writeBuffer) return 'none'
  const request = spareRequest ?? newWriteRequest()
  // A write request that completes at once can be used again, unlike one that completes later.
  spareRequest = request
  if (handle.writeBuffer(request, bytes) !== 0) return 'broken'
  if (handle.writeQueueSize === 0) return 'all'
  spareRequest = undefined
  request.buffer = bytes
  request.oncomplete = (status) => {
    request.buffer = undefined
    if (status === 0) onTaken()
  }
  return 'some'
}

/** Returns a function that creates Node.js's own write requests; undefined when it is not available. */
function writeRequestFactory(): (() => WriteRequest) | undefined {
  type Binding = { WriteWrap?: new () => WriteRequest }
  try {
    const { WriteWrap } = (process as unknown as { binding(name: string): Binding }).binding('stream_wrap')
    return WriteWrap && (() => new WriteWrap())
  } catch {
    return undefined
  }
}

/**
 * Makes writes to stdout or stderr fail with EAGAIN, instead of waiting, when the reader has no room. Affects
 * all processes that share the output. A process that inherits it makes it blocking again when it starts and
 * when it ends. Does nothing for a file, and when this Node.js has no such function.
 */
export function makeNonBlocking(stream: NodeJS.WriteStream): void {
  type Handle = { setBlocking?(isBlocking: boolean): number }
  const handle = (stream as unknown as { _handle?: Handle | null })._handle
  handle?.setBlocking?.(false)
}

/**
 * Removes the listener by which an HTTP or TLS server handles connections, and returns it. The caller then
 * decides which connections the server handles.
 * @throws Error when the server does not handle connections.
 */
export function connectionListenerOf(server: Server): (socket: Socket) => void {
  const [listener] = server.listeners('connection')
  if (listener === undefined) throw new Error('the server does not handle connections')
  server.removeAllListeners('connection')
  return (socket) => void listener.call(server, socket)
}

/**
 * Frees the memory of a buffer at once, without waiting for the garbage collector. The caller must be the
 * only user of the buffer. A buffer that is a view of larger memory is left as it is.
 */
export function freeMemory({ buffer, length }: Buffer): void {
  if (buffer.byteLength === length) detach(buffer)
}

/** Size above which the buffer of a read is worth freeing, bytes. */
const minFreedBytes = 16_384

/**
 * Frees the memory of bytes that a socket read, at the end of this turn of the event loop. Nothing may use
 * the bytes after that.
 */
export function freeReadSoon({ buffer }: Buffer): void {
  if (buffer.byteLength > minFreedBytes) setImmediate(detach, buffer)
}

function detach(buffer: ArrayBufferLike) {
  if (!(buffer instanceof ArrayBuffer) || buffer.detached) return
  try {
    buffer.transfer(0)
  } catch {
    // The memory is a pool of Node.js, which cannot be transferred because other buffers use it too.
  }
}
