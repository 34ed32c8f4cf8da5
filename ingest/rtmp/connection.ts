import type { Socket } from 'node:net'
import type { EndReason } from '../../core/end-reason.ts'
import { messageOf } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { Admission, PublishTarget } from '../admission.ts'
import {
  admissionTimeoutMs,
  commandTimeoutMs,
  handshakeTimeoutMs,
  idleTimeoutMs,
  lingerMs,
  maxBytesBeforePublish,
  maxUnsentBytes,
  writeTimeoutMs,
} from '../limits.ts'
import { ProtocolViolation, type Refusal, type RefusalReason } from '../refusal.ts'
import { Acknowledgements } from './acknowledgements.ts'
import { type ConnectRequest, readConnect, readPublish, refusalOfApp } from './commands.ts'
import { GuardedRtmp } from './guarded-rtmp.ts'
import type { Command } from './node-media-server.ts'

const rtmpVersion = 3

/** Thrown out of the parser when a message has ended the connection: nothing after it is read. */
const over = new Error('connection is over')

/** What a connection is at; each state but `closed` has a deadline. */
type State =
  | { at: 'handshake' }
  | { at: 'commands'; connect: ConnectRequest | undefined }
  | { at: 'admission' }
  | { at: 'publishing'; session: PublishTarget }
  | { at: 'lingering' }
  | { at: 'closed' }

export interface ConnectionOptions {
  socket: Socket
  admission: Admission
  log: Log
  /** Called once, when the socket is closed; `reason` undefined when a session was published. */
  onClosed: (reason: RefusalReason | undefined) => void
}

/** One RTMP peer, from its first byte to its last. */
export class RtmpConnection {
  readonly #socket: Socket
  readonly #admission: Admission
  readonly #log: Log
  readonly #address: string
  readonly #rtmp: GuardedRtmp
  readonly #acknowledgements = new Acknowledgements()
  #state: State = { at: 'handshake' }
  #deadline: number
  #now = performance.now()
  #unreadSince: number | undefined
  #refusal: RefusalReason | undefined

  constructor({ socket, admission, log, onClosed }: ConnectionOptions) {
    this.#socket = socket
    this.#admission = admission
    this.#log = log
    this.#address = socket.remoteAddress ?? 'unknown'
    this.#deadline = this.#now + handshakeTimeoutMs
    this.#rtmp = new GuardedRtmp({
      command: (command, streamId) => this.#command(command, streamId),
      media: (type, timestamp, tag) => this.#media(type, timestamp, tag),
      acknowledgeEvery: (bytes) => this.#acknowledgements.every(bytes),
      output: (bytes) => this.#write(bytes),
    })
    socket.setNoDelay(true)
    socket.on('data', (bytes: Buffer) => this.#read(bytes))
    socket.on('end', () => this.#lost('connection was closed'))
    socket.on('error', (error) => this.#lost(error.message))
    socket.on('close', () => {
      this.#lost('connection was closed')
      this.#state = { at: 'closed' }
      onClosed(this.#refusal)
    })
  }

  /** Ends what has taken too long; the listener calls it now and then. */
  sweep(now: number) {
    const waiting = this.#socket.writableLength > 0
    this.#unreadSince = waiting ? (this.#unreadSince ?? now) : undefined
    if (this.#unreadSince !== undefined && now - this.#unreadSince > writeTimeoutMs) return this.#unread()
    if (now < this.#deadline) return
    const { at } = this.#state
    if (at === 'handshake') this.#cut('handshake_timeout', 'no handshake')
    else if (at === 'commands') this.#cut('command_timeout', 'no publish')
    else if (at === 'admission')
      this.#refuse({ reason: 'unavailable', description: 'The key could not be checked in time. Try again.' })
    else if (at === 'publishing') this.#end('publisher_idle')
    else this.#socket.destroy()
  }

  /** Tells the peer that the server stops, and ends. */
  close() {
    if (this.#state.at === 'publishing') this.#end('shutdown')
    else if (this.#state.at !== 'lingering') this.#cut('shutdown', 'server stops')
    this.#socket.destroySoon()
  }

  #read(bytes: Buffer) {
    if (this.#state.at === 'lingering' || this.#state.at === 'closed') return
    this.#now = performance.now()
    try {
      this.#parse(bytes)
    } catch (error) {
      if (error === over) return
      const reason = error instanceof ProtocolViolation ? error.reason : 'protocol_error'
      this.#broken(reason, messageOf(error))
    }
  }

  #parse(bytes: Buffer) {
    const received = this.#acknowledgements.received(bytes.length)
    if (received === bytes.length && bytes[0] !== rtmpVersion)
      throw new ProtocolViolation('protocol_error', 'not RTMP')
    if (this.#state.at !== 'publishing' && received > maxBytesBeforePublish)
      throw new ProtocolViolation('too_large', 'too much before the publish')
    this.#rtmp.parserData(bytes)
    if (this.#state.at === 'handshake' && this.#rtmp.isOpen)
      this.#enter({ at: 'commands', connect: undefined }, commandTimeoutMs)
    if (this.#state.at === 'publishing') this.#state.session.flush()
    const due = this.#acknowledgements.due()
    if (due !== undefined) this.#rtmp.sendACK(due)
  }

  #enter(state: State, timeoutMs: number) {
    this.#state = state
    this.#deadline = performance.now() + timeoutMs
  }

  #media(type: number, timestamp: number, tag: Buffer) {
    // Before the publish, or between it and our answer, nobody may send media: it is dropped.
    if (this.#state.at !== 'publishing') return
    this.#deadline = this.#now + idleTimeoutMs
    this.#state.session.receive(type, timestamp, tag, this.#now)
    this.#stopWhenOver()
  }

  #command(command: Command, streamId: number) {
    // All commands of the same read as the end of the handshake come here before the state has followed.
    if (this.#state.at === 'handshake') this.#enter({ at: 'commands', connect: undefined }, commandTimeoutMs)
    const transaction = typeof command.transId === 'number' ? command.transId : 0
    if (command.cmd === 'connect') this.#connect(command, transaction)
    else if (command.cmd === 'createStream') this.#rtmp.respondCreateStream(transaction)
    else if (command.cmd === 'publish') this.#publish(command, streamId)
    else if (command.cmd === 'play' || command.cmd === 'play2') this.#refusePlay(streamId)
    else if (command.cmd === 'deleteStream' || command.cmd === 'FCUnpublish' || command.cmd === 'closeStream')
      this.#goodbye()
    this.#stopWhenOver()
  }

  #connect(command: Command, transaction: number) {
    if (this.#state.at !== 'commands' || this.#state.connect)
      throw new ProtocolViolation('protocol_error', 'connected twice')
    const connect = readConnect(command)
    const unknownApp = refusalOfApp(connect.app)
    const rtmp = this.#rtmp
    rtmp.streamApp = connect.app
    rtmp.objectEncoding = 0
    if (unknownApp) {
      rtmp.sendInvokeMessage(0, {
        cmd: '_error',
        transId: transaction,
        cmdObj: null,
        info: {
          level: 'error',
          code: 'NetConnection.Connect.InvalidApp',
          description: unknownApp.description,
        },
      })
      return this.#linger(unknownApp)
    }
    this.#state.connect = connect
    rtmp.sendWindowACK(5_000_000)
    rtmp.setPeerBandwidth(5_000_000, 2)
    rtmp.setChunkSize(rtmp.outChunkSize)
    rtmp.respondConnect(transaction)
  }

  #publish(command: Command, streamId: number) {
    if (this.#state.at !== 'commands' || !this.#state.connect)
      throw new ProtocolViolation('protocol_error', 'publish out of turn')
    const { software } = this.#state.connect
    this.#rtmp.streamId = streamId
    const streamKey = readPublish(command)
    if (typeof streamKey !== 'string') return this.#refuse(streamKey.refusal)
    this.#socket.pause()
    this.#enter({ at: 'admission' }, admissionTimeoutMs)
    void this.#admission.admit({ streamKey, address: this.#address, software }).then((answer) => {
      if ('session' in answer) this.#accept(answer.session)
      else if (this.#state.at === 'admission') this.#refuse(answer.refusal)
    })
  }

  #accept(session: PublishTarget) {
    if (this.#state.at !== 'admission') return session.end('publisher_lost', 'left before the answer')
    this.#enter({ at: 'publishing', session }, idleTimeoutMs)
    this.#rtmp.publishing = true
    session.onEnd((reason, detail) => this.#sessionEnded(reason, detail))
    // The key is not repeated in the answer: publishers write answers to their logs.
    this.#status('status', 'NetStream.Publish.Start', 'Publishing.')
    this.#socket.resume()
  }

  #refusePlay(_streamId: number) {
    const description = 'This server does not play over RTMP; open the watch page.'
    this.#rtmp.streamId = _streamId
    this.#status('error', 'NetStream.Play.Failed', description)
    this.#linger({ reason: 'play_unsupported', description })
  }

  #refuse(refusal: Refusal) {
    this.#status('error', 'NetStream.Publish.BadName', refusal.description)
    this.#linger(refusal)
  }

  #goodbye() {
    if (this.#state.at === 'publishing') this.#end('publisher_left')
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

  #stopWhenOver() {
    if (this.#state.at === 'lingering' || this.#state.at === 'closed') throw over
  }

  #status(level: string, code: string, description: string) {
    this.#rtmp.sendStatusMessage(this.#rtmp.streamId, level, code, description)
  }

  /** The peer broke a rule. A session ends, anybody else is cut off without an answer. */
  #broken(reason: 'protocol_error' | 'too_large', detail: string) {
    if (this.#state.at === 'publishing') this.#end('protocol_error', detail)
    else this.#cut(reason, detail)
  }

  #unread() {
    if (this.#state.at === 'publishing') this.#end('publisher_lost', 'answers were not read')
    else this.#cut('write_timeout', 'answers were not read')
    this.#socket.destroy()
  }

  #lost(detail: string) {
    if (this.#state.at === 'publishing') this.#end('publisher_lost', detail)
    else if (this.#state.at !== 'lingering' && this.#state.at !== 'closed') this.#cut('left', detail)
  }

  #linger({ reason, description }: Refusal) {
    this.#note(reason, description)
    this.#hangUp()
  }

  #cut(reason: RefusalReason, detail: string) {
    this.#note(reason, detail)
    this.#enter({ at: 'closed' }, 0)
    this.#socket.destroy()
  }

  #note(reason: RefusalReason, detail: string) {
    if (this.#refusal !== undefined || this.#state.at === 'closed') return
    this.#refusal = reason
    this.#log.info({ address: this.#address, reason, detail }, 'connection refused')
  }

  /** Sends what is left to send and goes on reading: a close with unread bytes would tear the answer from the peer. */
  #hangUp() {
    this.#enter({ at: 'lingering' }, lingerMs)
    this.#socket.resume()
    this.#socket.end()
  }

  #write(bytes: Buffer) {
    if (!this.#socket.writable) return
    if (this.#socket.writableLength > maxUnsentBytes) this.#socket.destroy(new Error('answers are not read'))
    else this.#socket.write(bytes)
  }
}
