/**
 * The peer broke a rule of the protocol or a bound. Thrown inside the parser; the connection must then end.
 */
export class ProtocolViolation extends Error {
  readonly reason: 'protocol_error' | 'too_large'

  constructor(reason: 'protocol_error' | 'too_large', message: string) {
    super(message)
    this.name = 'ProtocolViolation'
    this.reason = reason
  }
}
