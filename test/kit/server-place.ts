/** Where a server runs when it is not to run beside the test. */
interface ServerPlace {
  address: string
  /** Returns the command that runs a program there, as the same process. */
  within(program: string, args: readonly string[]): readonly [string, ...string[]]
}

/** The loopback of the test itself. */
export const here: ServerPlace = {
  address: '127.0.0.1',
  within: (program, args) => [program, ...args],
}
