/**
 * Returns a function that calls `action` at once, and then at most every `intervalMs` with the newest
 * arguments. Calls in between are dropped, but never the last one.
 */
export function throttle<Arguments extends unknown[]>(
  intervalMs: number,
  action: (...newest: Arguments) => void,
): (...newest: Arguments) => void {
  let state: 'idle' | 'waiting' = 'idle'
  let pending: Arguments | undefined

  function run(newest: Arguments) {
    action(...newest)
    state = 'waiting'
    setTimeout(() => {
      state = 'idle'
      const next = pending
      pending = undefined
      if (next) run(next)
    }, intervalMs)
  }

  return (...newest) => {
    if (state === 'idle') run(newest)
    else pending = newest
  }
}
