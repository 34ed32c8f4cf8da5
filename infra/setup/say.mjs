/** A problem that the user must solve. The message is one line that says what is wrong and what to do. */
export class SetupError extends Error {}

/** Prints a line for the user on stderr: stdout is for logs. @param {string} line */
export function say(line) {
  process.stderr.write(`nowcast: ${line}\n`)
}

/**
 * Runs an entry point. A SetupError becomes one line and exit code 1.
 * @param {() => Promise<number>} main returns the exit code
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
