import type { Socket } from 'node:net'
import type { RtmpDeadlines } from '../../core/connections/deadlines.ts'
import type { EndReason } from '../../core/contracts/end-reason.ts'
import type { LimitedLog } from '../../core/process/log.ts'
import type { PublishAuthority } from '../publish/publish-authority.ts'
import type { PublishedSession } from '../publish/publish-sink.ts'
import type { Refusal, RefusalReason } from '../publish/refusal.ts'
import { type ConnectRequest, isResponse, readConnect } from './commands.ts'
import type { Command } from './node-media-server.ts'
import { RtmpPeer } from './peer.ts'
import { ProtocolViolation } from './protocol-violation.ts'
import { acceptCall, acceptConnect, acceptFcPublish, requestReconnect } from './responses.ts'
import { streamKeyOf } from './stream-name.ts'

const badName = 'NetStream.Publish.BadName'
const secondPublish = 'This connection is already publishing. Stop first.'

/** Progress of a connection. In each state except `closed` there is a deadline for the next one. */
type State =
  | { at: 'handshake' }
  | { at: 'commands'; connect: ConnectRequest | undefined; hasPublished: boolean }
  /** The publish authority is looking the key up. */
  | { at: 'authorizing'; connect: ConnectRequest }
  | { at: 'publishing'; session: PublishedSession; connect: ConnectRequest }
  /** The last response was sent. The client has a moment to read it. */
  | { at: 'lingering' }
  | { at: 'closed' }

export interface ConnectionOptions {
  socket: Socket
  authority: PublishAuthority
  deadlines: RtmpDeadlines
  log: LimitedLog
  /** Called whenever a publisher was accepted. */
  onPublishing: () => void
  /** Called once, when the socket has closed. `reason` is undefined unless the client was refused. */
  onClosed: (reason: RefusalReason | undefined) => void
}

/** One RTMP client, from its first byte to its last. Each step has a deadline. */
export class RtmpConnection {
  readonly #peer: RtmpPeer
  readonly #authority: PublishAuthority
  readonly #deadlines: RtmpDeadlines
  readonly #log: LimitedLog
  readonly #onPublishing: () => void
  readonly #address: string
  #state: State = { at: 'handshake' }
  /** Time by which the next step must have happened, ms of the monotonic clock. Audio and video extend it. */
  #deadline: number
  #refusal: RefusalReason | undefined

  constructor({ socket, authority, deadlines, log, onPublishing, onClosed }: ConnectionOptions) {
    this.#authority = authority
    this.#deadlines = deadlines
    this.#log = log
    this.#onPublishing = onPublishing
    this.#address = socket.remoteAddress ?? 'unknown'
    this.#deadline = performance.now() + deadlines.handshakeMs
    this.#peer = new RtmpPeer(socket, {
      open: () => this.#enterCommands(undefined),
      command: (command, streamId) => this.#command(command, streamId),
      broken: (reason, detail) => this.#broken(reason, detail),
      lost: (detail) => this.#lost(detail),
    })
    socket.once('close', () => {
      const { abandonedMessages } = this.#peer
      if (abandonedMessages > 0)
        log.info({ address: this.#address, abandonedMessages }, 'publisher did not complete messages')
      onClosed(this.#refusal)
    })
  }

  /** Ends the connection if it missed its deadline or leaves responses unread. Called every `sweepMs`. */
  sweep(now: number): void {
    const { responseMs, idleMs } = this.#deadlines
    if (this.#peer.isStuck(now, responseMs)) this.#lost('responses were not read', 'write_timeout')
    const [{ at }, { lastMediaAt }] = [this.#state, this.#peer]
    if (this.#state.at === 'publishing' && lastMediaAt > 0)
      this.#deadline = Math.max(this.#deadline, lastMediaAt + Math.max(idleMs, this.#state.session.graceMs))
    if (now < this.#deadline) return
    if (at === 'handshake') this.#cut('handshake_timeout', 'no handshake')
    else if (at === 'commands') this.#cut('command_timeout', 'no publish')
    else if (at === 'authorizing')
      this.#refuse({ reason: 'unavailable', description: 'The key could not be checked in time. Try again.' })
    else if (at === 'publishing') this.#end('publisher_idle')
    else this.#peer.destroy()
  }

  /**
   * Ends the connection because the server stops. A client that was refused keeps its time to read why.
   */
  close(): void {
    if (this.#isPublishing) this.#end('shutdown')
    else if (this.#state.at !== 'lingering') this.#cut('shutdown', 'server stops')
  }

  /** Ends the connection of a client that has never published, because a newcomer needs its place. */
  evict(): void {
    this.#cut('too_many_connections', 'another client needed the place')
  }

  #enter(state: State, timeoutMs: number) {
    this.#state = state
    this.#deadline = performance.now() + timeoutMs
  }

  #enterCommands(connect: ConnectRequest | undefined) {
    this.#enter({ at: 'commands', connect, hasPublished: connect !== undefined }, this.#deadlines.commandMs)
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
      case 'releaseStream':
        return acceptCall(this.#peer.rtmp, transaction)
      case 'FCPublish':
        return acceptFcPublish(this.#peer.rtmp, transaction)
      default:
        // Some encoders wait for a response to `_checkbw` and to calls of their own.
        if (transaction > 0 && !isResponse(command.cmd)) acceptCall(this.#peer.rtmp, transaction)
    }
  }

  #connect(command: Command, transaction: number) {
    if (this.#state.at !== 'commands' || this.#state.connect)
      throw new ProtocolViolation('protocol_error', 'connect out of turn')
    this.#state.connect = readConnect(command)
    acceptConnect(this.#peer.rtmp, transaction)
  }

  #publish(command: Command, streamId: number) {
    if (this.#state.at === 'publishing')
      return this.#peer.rtmp.sendStatusMessage(streamId, 'error', badName, secondPublish)
    if (this.#state.at !== 'commands' || !this.#state.connect)
      throw new ProtocolViolation('protocol_error', 'publish out of turn')
    const { connect } = this.#state
    const { app, software } = connect
    this.#peer.rtmp.streamId = streamId
    const { streamName } = command
    const streamKey = streamKeyOf(app, typeof streamName === 'string' ? streamName : '')
    if (typeof streamKey !== 'string') return this.#refuse(streamKey.refusal)
    this.#peer.hold()
    this.#enter({ at: 'authorizing', connect }, this.#deadlines.authorizationMs)
    void this.#authority.authorize({ streamKey, address: this.#address, software }).then((decision) => {
      if ('session' in decision) this.#accept(decision.session)
      else if (this.#state.at === 'authorizing') this.#refuse(decision.refusal)
    })
  }

  #accept(session: PublishedSession) {
    if (this.#state.at !== 'authorizing') return session.end('publisher_lost', 'left before the response')
    const { connect } = this.#state
    this.#enter({ at: 'publishing', session, connect }, this.#deadlines.idleMs)
    this.#onPublishing()
    session.onEnd((reason, detail) => this.#sessionEnded(reason, detail))
    if (!this.#isPublishing) return
    // The text does not contain the stream key, because encoders write responses to their logs.
    this.#status('status', 'NetStream.Publish.Start', 'Publishing.')
    this.#peer.publishTo(session)
  }

  #refusePlay(streamId: number) {
    const description = 'This server does not offer playback over RTMP. Open the watch page.'
    this.#peer.rtmp.streamId = streamId
    if (this.#state.at !== 'commands' || !this.#state.connect)
      throw new ProtocolViolation('protocol_error', 'play out of turn')
    this.#status('error', 'NetStream.Play.Failed', description)
    this.#hangUp('play_unsupported', description)
  }

  #refuse({ reason, description }: Refusal) {
    this.#status('error', badName, description)
    this.#hangUp(reason, description)
  }

  get #isPublishing(): boolean {
    return this.#state.at === 'publishing'
  }

  #end(reason: EndReason, detail?: string) {
    if (this.#state.at === 'publishing') this.#state.session.end(reason, detail)
  }

  #sessionEnded(reason: EndReason, detail: string | null) {
    if (this.#state.at !== 'publishing') return
    const { connect } = this.#state
    if (reason === 'publisher_left') {
      // Some encoders publish again over the same connection.
      this.#status('status', 'NetStream.Unpublish.Success', 'Stopped.')
      this.#peer.unpublish()
      return this.#enterCommands(connect)
    }
    // Encoders should connect again after a shutdown. Some do not after a status of level `error`.
    if (reason !== 'shutdown' && reason !== 'publisher_lost') this.#status('error', badName, detail ?? reason)
    else if (reason === 'shutdown' && connect.canReconnect) requestReconnect(this.#peer.rtmp)
    this.#hangUp()
  }

  #status(level: 'status' | 'error', code: string, description: string) {
    const { rtmp } = this.#peer
    rtmp.sendStatusMessage(rtmp.streamId, level, code, description)
  }

  /**
   * Ends the connection because the client broke a rule. The owner of a session can see the reason; any other
   * connection is cut without a response.
   */
  #broken(reason: ProtocolViolation['reason'], detail: string) {
    if (this.#isPublishing) this.#end('protocol_error', detail)
    else this.#cut(reason, detail)
  }

  #lost(detail: string, refusal: RefusalReason = 'left') {
    this.#end('publisher_lost', detail)
    this.#cut(refusal, detail)
  }

  #hangUp(refusal?: RefusalReason, detail?: string) {
    if (refusal) this.#recordRefusal(refusal, detail)
    this.#enter({ at: 'lingering' }, this.#deadlines.lingerMs)
    this.#peer.hangUp()
  }

  #cut(reason: RefusalReason, detail: string) {
    if (this.#state.at === 'closed') return
    const hasPublished = this.#state.at === 'commands' && this.#state.hasPublished
    if (this.#state.at !== 'lingering' && !hasPublished) this.#recordRefusal(reason, detail)
    this.#enter({ at: 'closed' }, 0)
    this.#peer.destroy()
  }

  #recordRefusal(reason: RefusalReason, detail: string | undefined) {
    this.#refusal = reason
    this.#log.info({ address: this.#address, reason, detail }, 'connection refused')
  }
}
