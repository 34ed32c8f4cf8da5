import type { Socket } from 'node:net'
import type { EndReason } from '../../core/contracts/end-reason.ts'
import type { Log } from '../../core/process/log.ts'
import type { PublishAuthority, PublishTarget } from '../publish/publish-sink.ts'
import { ProtocolViolation, type Refusal, type RefusalReason } from '../publish/refusal.ts'
import { type ConnectRequest, readConnect, readPublish } from './commands.ts'
import {
  admissionTimeoutMs,
  commandTimeoutMs,
  handshakeTimeoutMs,
  idleTimeoutMs,
  lingerMs,
} from './limits.ts'
import type { Command } from './node-media-server.ts'
import { RtmpPeer } from './peer.ts'
import { acceptConnect } from './replies.ts'

/** What a connection is at; each state but `closed` has a deadline. */
type State =
  | { at: 'handshake' }
  | { at: 'commands'; connect: ConnectRequest | undefined }
  | { at: 'admission' }
  | { at: 'publishing'; session: PublishTarget }
  /** Has been answered for the last time, and may read that. */
  | { at: 'lingering' }
  | { at: 'closed' }

export interface ConnectionOptions {
  socket: Socket
  admission: PublishAuthority
  log: Log
  /** Called once, when the socket is closed; `reason` undefined when a session was published. */
  onClosed: (reason: RefusalReason | undefined) => void
}

/** One RTMP client, from its first byte to its last: connect, publish, media, goodbye. */
export class RtmpConnection {
  readonly #peer: RtmpPeer
  readonly #admission: PublishAuthority
  readonly #log: Log
  readonly #address: string
  #state: State = { at: 'handshake' }
  #deadline: number
  #refusal: RefusalReason | undefined

  constructor({ socket, admission, log, onClosed }: ConnectionOptions) {
    this.#admission = admission
    this.#log = log
    this.#address = socket.remoteAddress ?? 'unknown'
    this.#deadline = performance.now() + handshakeTimeoutMs
    this.#peer = new RtmpPeer(socket, {
      open: () => this.#enter({ at: 'commands', connect: undefined }, commandTimeoutMs),
      command: (command, streamId) => this.#command(command, streamId),
      media: (type, timestamp, tag, now) => this.#media(type, timestamp, tag, now),
      readDone: () => this.#readDone(),
      broken: (reason, detail) => this.#broken(reason, detail),
      lost: (detail) => this.#lost(detail),
    })
    socket.once('close', () => onClosed(this.#refusal))
  }

  /** Ends what has taken too long; the listener calls it now and then. */
  sweep(now: number): void {
    if (this.#peer.isStuck(now)) this.#stuck()
    if (now < this.#deadline) return
    const { at } = this.#state
    if (at === 'handshake') this.#cut('handshake_timeout', 'no handshake')
    else if (at === 'commands') this.#cut('command_timeout', 'no publish')
    else if (at === 'admission')
      this.#refuse({ reason: 'unavailable', description: 'The key could not be checked in time. Try again.' })
    else if (at === 'publishing') this.#end('publisher_idle')
    else this.#peer.destroy()
  }

  /** Tells the client that the server stops, and ends. */
  close(): void {
    if (this.#state.at === 'publishing') this.#end('shutdown')
    else if (this.#state.at !== 'lingering') this.#cut('shutdown', 'server stops')
  }

  #enter(state: State, timeoutMs: number) {
    this.#state = state
    this.#deadline = performance.now() + timeoutMs
  }

  #media(type: number, timestamp: number, tag: Buffer, now: number) {
    // Before the publish, or between it and our answer, nobody may send media: it is dropped.
    if (this.#state.at !== 'publishing') return
    this.#deadline = now + idleTimeoutMs
    this.#state.session.receive(type, timestamp, tag, now)
  }

  #readDone() {
    if (this.#state.at === 'publishing') this.#state.session.flush()
  }

  #command(command: Command, streamId: number) {
    const transaction = typeof command.transId === 'number' ? command.transId : 0
    switch (command.cmd) {
      case 'connect':
        return this.#connect(command, transaction)
      case 'createStream':
        return this.#peer.rtmp.respondCreateStream(transaction)
      case 'publish':
        return this.#publish(command, streamId)
      case 'play':
      case 'play2':
        return this.#refusePlay(streamId)
      case 'FCUnpublish':
      case 'closeStream':
      case 'deleteStream':
        return this.#end('publisher_left')
      default:
      // releaseStream, FCPublish and the like expect nothing.
    }
  }

  #connect(command: Command, transaction: number) {
    if (this.#state.at !== 'commands' || this.#state.connect)
      throw new ProtocolViolation('protocol_error', 'connect out of turn')
    this.#state.connect = readConnect(command)
    acceptConnect(this.#peer.rtmp, transaction)
  }

  #publish(command: Command, streamId: number) {
    if (this.#state.at !== 'commands' || !this.#state.connect)
      throw new ProtocolViolation('protocol_error', 'publish out of turn')
    const { app, software } = this.#state.connect
    this.#peer.rtmp.streamId = streamId
    const streamKey = readPublish(command, app)
    if (typeof streamKey !== 'string') return this.#refuse(streamKey.refusal)
    this.#peer.pause()
    this.#enter({ at: 'admission' }, admissionTimeoutMs)
    void this.#admission.admit({ streamKey, address: this.#address, software }).then((answer) => {
      if ('session' in answer) this.#accept(answer.session)
      else if (this.#state.at === 'admission') this.#refuse(answer.refusal)
    })
  }

  #accept(session: PublishTarget) {
    if (this.#state.at !== 'admission') return session.end('publisher_lost', 'left before the answer')
    this.#enter({ at: 'publishing', session }, idleTimeoutMs)
    this.#peer.rtmp.publishing = true
    session.onEnd((reason, detail) => this.#sessionEnded(reason, detail))
    // The key is not repeated in the answer: publishers write answers to their logs.
    this.#status('status', 'NetStream.Publish.Start', 'Publishing.')
    this.#peer.resume()
  }

  #refusePlay(streamId: number) {
    const description = 'This server does not play over RTMP. Open the watch page.'
    this.#peer.rtmp.streamId = streamId
    if (this.#state.at === 'publishing')
      throw new ProtocolViolation('protocol_error', 'play while publishing')
    this.#status('error', 'NetStream.Play.Failed', description)
    this.#hangUp('play_unsupported', description)
  }

  #refuse({ reason, description }: Refusal) {
    this.#status('error', 'NetStream.Publish.BadName', description)
    this.#hangUp(reason, description)
  }

  #end(reason: EndReason, detail?: string) {
    if (this.#state.at === 'publishing') this.#state.session.end(reason, detail)
  }

  #sessionEnded(reason: EndReason, detail: string | null) {
    if (this.#state.at !== 'publishing') return
    if (reason === 'publisher_left') this.#status('status', 'NetStream.Unpublish.Success', 'Stopped.')
    else if (reason !== 'publisher_lost') this.#status('error', 'NetStream.Publish.BadName', detail ?? reason)
    this.#hangUp()
  }

  #status(level: 'status' | 'error', code: string, description: string) {
    const { rtmp } = this.#peer
    rtmp.sendStatusMessage(rtmp.streamId, level, code, description)
  }

  /** The client broke a rule. A session ends, anybody else is cut off without an answer. */
  #broken(reason: ProtocolViolation['reason'], detail: string) {
    if (this.#state.at === 'publishing') this.#end('protocol_error', detail)
    else this.#cut(reason, detail)
  }

  #stuck() {
    if (this.#state.at === 'publishing') this.#end('publisher_lost', 'answers were not read')
    this.#cut('write_timeout', 'answers were not read')
  }

  #lost(detail: string) {
    if (this.#state.at === 'publishing') this.#end('publisher_lost', detail)
    this.#cut('left', detail)
  }

  #hangUp(refusal?: RefusalReason, detail?: string) {
    if (refusal) this.#note(refusal, detail)
    this.#enter({ at: 'lingering' }, lingerMs)
    this.#peer.hangUp()
  }

  #cut(reason: RefusalReason, detail: string) {
    if (this.#state.at === 'closed') return
    if (this.#state.at !== 'lingering') this.#note(reason, detail)
    this.#enter({ at: 'closed' }, 0)
    this.#peer.destroy()
  }

  #note(reason: RefusalReason, detail: string | undefined) {
    this.#refusal = reason
    this.#log.info({ address: this.#address, reason, detail }, 'connection refused')
  }
}
