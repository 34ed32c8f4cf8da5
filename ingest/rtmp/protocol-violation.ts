/** Thrown when the peer broke a rule of the protocol or a bound. The connection must then end. */
export class ProtocolViolation extends Error {
  readonly reason: 'protocol_error' | 'too_large'

  constructor(reason: 'protocol_error' | 'too_large', message: string) {
    super(message)
    this.name = 'ProtocolViolation'
    this.reason = reason
  }
}
