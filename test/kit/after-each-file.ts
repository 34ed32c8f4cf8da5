import { afterAll, vi } from 'vitest'

// Test files share a worker (`isolate: false`), so none may leave fake timers, spies or stubs behind.
afterAll(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})
