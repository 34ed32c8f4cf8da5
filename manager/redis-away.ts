/** Whether a connection is known to be broken: a command would only find that out after a second. */
export function isAway({ status }: { status: string }): boolean {
  return status === 'reconnecting' || status === 'close' || status === 'end'
}
