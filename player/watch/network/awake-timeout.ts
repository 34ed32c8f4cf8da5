/** Number of ticks in which a timeout is counted. */
const ticks = 10

/**
 * Calls back after `ms`, measured in ticks of a tenth of that. A tick that comes late counts once, however
 * late it is: while the page computes, or is frozen by the browser, it cannot handle a response that has
 * come, and a plain timer would fire before it does. Returns a function that cancels the timeout.
 */
export function setAwakeTimeout(callback: () => void, ms: number): () => void {
  let left = ticks
  const timer = setInterval(() => {
    if (--left > 0) return
    clearInterval(timer)
    callback()
  }, ms / ticks)
  return () => clearInterval(timer)
}
