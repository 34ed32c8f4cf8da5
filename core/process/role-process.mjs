/**
 * V8 flags and environment variables for the process of a role.
 * @typedef {{ arguments: string[], environment: Record<string, string> }} RoleProcess
 */

/** @type {RoleProcess} */
const defaults = { arguments: ['--max-semi-space-size=1'], environment: { MALLOC_ARENA_MAX: '1' } }

// Media is outside the V8 heap. By default V8 collects the whole heap whenever 64 MB of such memory have been
// allocated. With 20 streams this was twice a second and took more than half of the CPU. With this flag the
// memory counts as part of the heap, and there is only a hundredth of these collections.
const countMediaWithHeap = '--external-memory-accounted-in-global-limit'

/** @type {Record<string, RoleProcess>} */
const roleProcesses = {
  // Ingest keeps little and forwards much. V8 starts with a small heap. With 20 streams it marked all of it
  // every 2.5 s, because of media that was no longer used, and this took a seventh of the role's CPU. If the
  // heap begins with 64 MB, collecting the young generation is mostly enough. A larger one hardly saves CPU.
  ingest: {
    arguments: ['--initial-old-space-size=64', '--max-semi-space-size=8', countMediaWithHeap],
    environment: { MALLOC_ARENA_MAX: '1' },
  },
  // Media is freed when it leaves the window (segment-memory.ts), so little is left for the collector. The
  // heap may grow by 40 % between collections. With less, the role takes less memory and more CPU.
  transcoder: {
    arguments: ['--heap-growing-percent=40', '--max-semi-space-size=8', countMediaWithHeap],
    environment: { MALLOC_ARENA_MAX: '1' },
  },
  // An edge makes little garbage that outlives a request, so a young generation of 100 MB, which V8 chooses
  // on large machines, gains nothing. With the malloc setting, evicted media returns to the system. Without
  // it, glibc keeps that memory in blocks of sizes that nothing reuses.
  edge: { arguments: ['--max-semi-space-size=2'], environment: { MALLOC_MMAP_THRESHOLD_: '66000' } },
}

/** @param {string} role @returns {RoleProcess} */
export const roleProcessOf = (role) => roleProcesses[role] ?? defaults
