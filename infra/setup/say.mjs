/** Something that the user must put right; the message is one line that says what and how. */
export class SetupError extends Error {}

/** Tells the user what is being done; on stderr, so that stdout holds logs alone. @param {string} line */
export function say(line) {
  process.stderr.write(`nowcast: ${line}\n`)
}

/**
 * Runs an entry point: a SetupError becomes one line and exit code 1.
 * @param {() => Promise<number>} main gives the exit code
 */
export async function enter(main) {
  try {
    process.exitCode = await main()
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    say(error.message)
    process.exitCode = 1
  }
}
