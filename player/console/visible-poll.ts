const everyMs = 2000
/** How long to wait after a failure, ms. */
const afterFailureMs = 3000

/** Runs `look` every 2 s while the page is visible, one at a time, and at once when it becomes visible again. */
export function createPoll(look: () => Promise<void>) {
  let timer: ReturnType<typeof setTimeout> | undefined
  let running = false
  let again = false
  let stopped = false

  async function now(): Promise<void> {
    clearTimeout(timer)
    if (stopped) return
    // What is asked for while a look is under way may come too late for it.
    again = running
    if (running) return
    running = true
    const wait = await look().then(
      () => everyMs,
      () => afterFailureMs,
    )
    running = false
    if (again) return now()
    if (!stopped && !document.hidden) timer = setTimeout(now, wait)
  }

  const onVisible = () => {
    if (document.hidden) clearTimeout(timer)
    else void now()
  }
  document.addEventListener('visibilitychange', onVisible)

  return {
    now,
    stop() {
      stopped = true
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', onVisible)
    },
  }
}
