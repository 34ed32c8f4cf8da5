/**
 * Thrown when the peer breaks a rule of the protocol (`protocol_error`) or exceeds a limit (`too_large`). The
 * connection must then end.
 */
export class ProtocolViolation extends Error {
  readonly reason: 'protocol_error' | 'too_large'

  constructor(reason: 'protocol_error' | 'too_large', message: string) {
    super(message)
    this.name = 'ProtocolViolation'
    this.reason = reason
  }
}
