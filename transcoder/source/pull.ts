import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { flvFromField } from '../../core/media/flv-tag.ts'
import { messageOf } from '../../core/process/errors.ts'
import { localPath } from '../../core/process/local-socket.ts'

export type PullEnd =
  /** The body is complete, because the ingest ended the session. */
  | { kind: 'ended' }
  /** The body is complete, because the publisher is gone. The session waits for its return. */
  | { kind: 'interrupted' }
  /** The connection failed, was refused or broke. */
  | { kind: 'lost'; detail: string }
  /** The media could not be parsed or processed. */
  | { kind: 'unreadable'; detail: string }
  | { kind: 'stopped' }

export interface PullPlace {
  url: string
  /**
   * Name of the server's local socket, which exists only on the server's machine; undefined when it has none.
   */
  localSocket: string | undefined
}

export interface PullOptions extends PullPlace {
  /** Cluster secret, sent as a bearer token. */
  secret: string
  /** Session time from which media is needed, ms; by default the newest GOP is enough. */
  fromMs?: number | undefined
  /** Maximum time until the head of the response has arrived, ms. */
  connectTimeoutMs: number
  /** Receives the next bytes of the body. Their memory is used again after the call. */
  onChunk(chunk: Buffer): void
}

/**
 * Read buffer that all sockets can share, because the bytes of one read are processed before the next read.
 * With a new buffer for each read, there would be as much garbage as media.
 */
const readBuffer = Buffer.allocUnsafeSlow(65_536)
const maxHeadBytes = 16_384
/**
 * Time without a byte after which an ingest that sends keep-alives counts as frozen, ms, and interval of the
 * check.
 */
const frozenAfterMs = 700
const checkEveryMs = 50
const headEnd = Buffer.from('\r\n\r\n')

/**
 * Pulls a session as FLV from its ingest. It sends an HTTP/1.0 request over a plain connection, so that the
 * response is not chunked: Node's HTTP client would use half as much CPU again. Only the FLV shows where the
 * body ends, so the caller, which parses the FLV, calls `end`.
 */
export function startPull({ secret, fromMs, connectTimeoutMs, onChunk, ...place }: PullOptions) {
  const { promise: ended, resolve } = Promise.withResolvers<PullEnd>()
  const { host, hostname, port, pathname } = new URL(place.url)
  let socket: Socket | undefined
  let quietSince = performance.now()
  const quietMs = () => performance.now() - quietSince
  const end = (how: PullEnd) => {
    resolve(how)
    socket?.destroy()
  }
  const lost = (detail: string) => end({ kind: 'lost', detail })
  const timer = setTimeout(() => lost(`no response within ${connectTimeoutMs} ms`), connectTimeoutMs)
  const readHead = createHeadReader(lost, () => clearTimeout(timer))
  let watch: NodeJS.Timeout | undefined
  const endIfFrozen = () => quietMs() > frozenAfterMs && lost(`nothing came for ${frozenAfterMs} ms`)

  function receive(length: number): boolean {
    quietSince = performance.now()
    const body = readHead(readBuffer.subarray(0, length))
    if (body.length > 0) onChunk(body)
    return true
  }

  function read(connected: Socket) {
    socket = connected
    connected.setNoDelay(true)
    connected.on('error', (error) => lost(messageOf(error)))
    connected.on('close', () => lost('closed'))
    const from = fromMs === undefined ? '' : `${flvFromField}: ${Math.round(fromMs)}\r\n`
    connected.write(
      `GET ${pathname} HTTP/1.0\r\nhost: ${host}\r\nauthorization: Bearer ${secret}\r\n${from}\r\n`,
    )
  }

  function open(to: NetConnectOpts, onError: (error: Error) => void) {
    const opening = connect({ ...to, onread: { buffer: readBuffer, callback: receive } })
    socket = opening
    opening.once('error', onError)
    opening.once('connect', () => {
      opening.off('error', onError)
      read(opening)
    })
  }

  const openTcp = () => open({ host: hostname, port: Number(port) }, (error) => lost(messageOf(error)))
  // A local socket needs a third less CPU than TCP. On another machine it cannot be opened, and TCP is used.
  if (place.localSocket === undefined) openTcp()
  else open({ path: localPath(place.localSocket) }, openTcp)

  return {
    ended: ended.finally(() => {
      clearTimeout(timer)
      clearInterval(watch)
    }),
    /** Time since the newest byte arrived or, before the first one, since the start, ms. */
    get quietMs(): number {
      return quietMs()
    },
    /**
     * Must be called for each keep-alive. From the first one on, the pull ends as lost when nothing comes.
     * What arrived while this process was busy is read before that, because it is decided after the next
     * poll.
     */
    keepAlive(): void {
      watch ??= setInterval(() => quietMs() > frozenAfterMs && setImmediate(endIfFrozen), checkEveryMs)
    },
    lost,
    /** Ends the pull, because the caller has found the last tag of the body. */
    end: (kind: 'ended' | 'interrupted') => end({ kind }),
    stop: () => end({ kind: 'stopped' }),
  }
}

/**
 * Creates a function that removes the head of the response from the first chunks, and calls `onHead` when the
 * head is complete. It calls `onRefused` if the status is not 200, or if the head is longer than
 * `maxHeadBytes`.
 */
function createHeadReader(onRefused: (detail: string) => void, onHead: () => void) {
  let head: Buffer | undefined = Buffer.alloc(0)

  return (chunk: Buffer): Buffer => {
    if (head === undefined) return chunk
    head = Buffer.concat([head, chunk])
    const at = head.indexOf(headEnd)
    if (at < 0) {
      if (head.length > maxHeadBytes) onRefused('the head of the response is too long')
      return Buffer.alloc(0)
    }
    const [, status] = /^HTTP\/1\.\d (\d{3})/.exec(head.toString('latin1', 0, at)) ?? []
    const body = head.subarray(at + headEnd.length)
    head = undefined
    onHead()
    if (status === '200') return body
    onRefused(`the ingest responded with ${status ?? 'something else than HTTP'}`)
    return Buffer.alloc(0)
  }
}
