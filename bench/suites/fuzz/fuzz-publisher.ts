import { setTimeout as delay } from 'node:timers/promises'
import type { FlvMessage } from '../../../test/kit/flv-messages.ts'
import { chunks, command, publishBytes } from '../../../test/kit/ingest/rtmp-bytes.ts'
import { connectRtmp, type RtmpClient } from '../../../test/kit/ingest/rtmp-client.ts'
import type { FlvMedia } from '../../stand/flv-media.ts'
import { harshMutations, type Mutation, type MutationContext, mildMutations } from './mutations.ts'
import type { FuzzSources } from './sources.ts'

export interface FuzzPublisherOptions {
  port: number
  /** Stream key. Each publisher has a channel of its own. */
  key: string
  sources: FuzzSources
  random: () => number
  /** Media messages per second. */
  rate: number
  /** Returns whether more mutated messages are needed. */
  isWanted(): boolean
  /** Called with the number of mutated messages that ingest has acknowledged since the last call. */
  onReceived(count: number): void
}

export interface FuzzCounts {
  sessions: number
  /** Number of publishes that were not accepted. */
  refused: number
}

/** Share of messages that are sent without a mutation. */
const validShare = 0.2
/** Share of mutations that are harsh, in the half of sessions that have harsh ones. */
const harshShare = 0.002
/**
 * Maximum number of different mild mutations in a session. With all of them, one effect would hide the
 * others.
 */
const mildKinds = 5
/** Maximum number of media messages in a session. Each session has a random bound of 10 % to 100 % of it. */
const maxMessages = 8000
const batchMs = 20
const loopMs = 16_000
const chunkSize = 65_536
/** Window of acknowledgements that ingest is asked for, bytes. Ingest uses no smaller one. */
const windowBytes = 65_536
/** Start of an acknowledgement (RTMP 1.0 section 5.4.3) as one chunk; its sequence number follows. */
const acknowledgement = Buffer.from('020000000000040300000000', 'hex')
const pauseMs = 100

/**
 * Publishes one session after another until `isWanted` is false: valid headers first, then a mix of valid and
 * mutated media. Counts only messages that ingest has acknowledged, so it leaves out those after the end of a
 * session.
 */
export async function runFuzzPublisher(options: FuzzPublisherOptions): Promise<FuzzCounts> {
  const counts = { sessions: 0, refused: 0 }
  while (options.isWanted()) {
    const client = await connectRtmp(options.port)
    client.send(publishBytes(options.key))
    try {
      await client.receives('NetStream.Publish.Start')
      counts.sessions += 1
      await new FuzzSession(client, options).run()
    } catch {
      counts.refused += 1
    }
    client.socket.destroy()
    await client.closed
    await delay(pauseMs)
  }
  return counts
}

class FuzzSession {
  readonly #client: RtmpClient
  readonly #options: FuzzPublisherOptions
  readonly #context: MutationContext
  readonly #source: FlvMedia
  readonly #mild: readonly Mutation[]
  readonly #harsh: readonly Mutation[]
  /** Number of bytes sent so far. An acknowledgement has the number that ingest has received. */
  #sentBytes: number
  /** The value of `#sentBytes` after each mutated message that is not yet acknowledged. */
  #unacknowledged: number[] = []
  #isClosed = false

  constructor(client: RtmpClient, options: FuzzPublisherOptions) {
    this.#client = client
    this.#options = options
    const { sources, random } = options
    const below = (end: number) => Math.floor(random() * end)
    const pick = <T>(list: readonly T[]) => list[below(list.length)] as T
    this.#context = {
      random,
      below,
      other: () => pick(pick(sources).frames),
      header: () => pick(pick(sources).head.filter(({ type }) => type !== scriptMessage)),
    }
    this.#source = pick(sources)
    const mild = Object.values(mildMutations)
    this.#mild = Array.from({ length: mildKinds }, () => pick(mild))
    this.#harsh = random() < 0.5 ? Object.values(harshMutations) : []
    this.#sentBytes = publishBytes(options.key).length
    void client.closed.then(() => {
      this.#isClosed = true
    })
  }

  /** Sends media until the session ends or has its number of messages, or until `isWanted` is false. */
  async run(): Promise<void> {
    this.#write(control(setChunkSize, chunkSize, 128))
    this.#write(control(windowSize, windowBytes))
    for (const message of this.#source.head) this.#send(message)
    const { random, rate, isWanted } = this.#options
    const startedAt = performance.now()
    const most = maxMessages * (0.1 + 0.9 * random())
    let sent = 0
    for (const { message, atMs } of repeated(this.#source.frames)) {
      for (let copies = rate / sourceRate; copies > random(); copies--) {
        const isValid = random() < validShare
        const next = isValid ? message : this.#mutate(message)
        this.#send({ ...next, ms: next.ms === message.ms ? atMs : next.ms }, !isValid)
        sent += 1
      }
      if (performance.now() - startedAt < atMs) {
        this.#count()
        if (this.#isClosed || this.#hasEnded || sent > most || !isWanted()) break
        await delay(batchMs)
      }
    }
    if (random() < 0.5) this.#write(command('deleteStream', 4, null, 1))
    await delay(pauseMs)
    this.#count()
  }

  #mutate(message: FlvMessage): FlvMessage {
    const { random, below } = this.#context
    const isHarsh = this.#harsh.length > 0 && random() < harshShare
    const list = isHarsh ? this.#harsh : this.#mild
    return list[below(list.length)]?.(message, this.#context) ?? message
  }

  #send({ type, ms, payload }: FlvMessage, isMutated = false) {
    this.#write(
      chunks({ type, payload, timestamp: Math.round(ms), streamId: 1, chunkStream: type, chunkSize }),
    )
    if (isMutated) this.#unacknowledged.push(this.#sentBytes)
  }

  #write(bytes: Buffer) {
    this.#client.send(bytes)
    this.#sentBytes += bytes.length
  }

  /** Whether ingest has ended the session, which it announces with this status. */
  get #hasEnded(): boolean {
    return this.#client.received().includes('NetStream.Publish.BadName')
  }

  /** Reports the mutated messages that the newest acknowledgement covers. */
  #count() {
    const received = this.#client.received()
    const at = received.lastIndexOf(acknowledgement)
    if (at < 0 || at + acknowledgement.length + 4 > received.length) return
    const bytes = received.readUInt32BE(at + acknowledgement.length)
    const open = this.#unacknowledged.findIndex((end) => end > bytes)
    const count = open < 0 ? this.#unacknowledged.length : open
    this.#unacknowledged.splice(0, count)
    if (count > 0) this.#options.onReceived(count)
  }
}

const scriptMessage = 18
const [setChunkSize, windowSize] = [1, 5]
/** Messages per second of a source: 30 frames of video and 47 of audio. */
const sourceRate = 77

/** Yields frames for ever, with the time at which each is due, ms since the start of the session. */
function* repeated(frames: readonly FlvMessage[]): Generator<{ message: FlvMessage; atMs: number }> {
  for (let shiftMs = 0; ; shiftMs += loopMs)
    for (const message of frames) if (message.ms < loopMs) yield { message, atMs: message.ms + shiftMs }
}

function control(type: number, value: number, chunkSize = 128): Buffer {
  const payload = Buffer.alloc(4)
  payload.writeUInt32BE(value)
  return chunks({ type, payload, chunkStream: 2, chunkSize })
}
