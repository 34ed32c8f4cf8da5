import { ApiError } from '../shared/calls.ts'
import { find } from '../shared/dom.ts'

/** Minimum time that the failure of an action stays visible, ms. */
const actionFailureMs = 8000

/** The line at the top of the page that reports failures. */
export interface Notice {
  /** Reports a failure. An invalid token leads back to the sign-in page instead. */
  report(error: unknown): void
  /** Hides the line, unless an action failed in the last `actionFailureMs`. */
  clear(): void
  /** Runs an operator's action. If it fails, the failure is reported and the result is undefined. */
  attempt<Result>(action: () => Promise<Result>): Promise<Result | undefined>
  close(): void
}

export function createNotice(onUnauthorized: () => void): Notice {
  const line = find('#notice')
  let actionFailureTimer: ReturnType<typeof setTimeout> | undefined

  function report(error: unknown) {
    if (error instanceof ApiError && error.kind === 'unauthorized') return onUnauthorized()
    line.textContent =
      error instanceof ApiError && error.kind === 'away'
        ? 'The manager does not respond. Retrying. Live streams are not affected.'
        : (error as Error).message
    line.hidden = false
  }

  return {
    report,

    clear() {
      if (actionFailureTimer === undefined) line.hidden = true
    },

    async attempt(action) {
      try {
        return await action()
      } catch (error) {
        report(error)
        clearTimeout(actionFailureTimer)
        actionFailureTimer = setTimeout(() => {
          actionFailureTimer = undefined
        }, actionFailureMs)
        return undefined
      }
    },

    close() {
      clearTimeout(actionFailureTimer)
      line.hidden = true
    },
  }
}
