/**
 * V8 flags and environment variables that the process of a role is started with.
 * @typedef {{ arguments: string[], environment: Record<string, string> }} RoleProcess
 */

/** @type {RoleProcess} */
const defaults = { arguments: ['--max-semi-space-size=1'], environment: { MALLOC_ARENA_MAX: '1' } }

// Media is outside the V8 heap. By default V8 collects the whole heap for every 64 MB of such memory that was
// allocated: twice a second with 20 streams, which took more than half of the CPU. With this flag such memory
// counts like the heap, and a hundredth of these collections is enough.
const countMediaWithHeap = '--external-memory-accounted-in-global-limit'

/** @type {Record<string, RoleProcess>} */
const roleProcesses = {
  // Ingest keeps little and forwards much. V8 starts with a small heap and would mark all of it every 2.5 s
  // at 20 streams because of media that is long gone, which was a seventh of the role's CPU. With 64 MB from
  // the start, collecting the young generation is mostly enough. With more, memory grows but CPU hardly
  // falls.
  ingest: {
    arguments: ['--initial-old-space-size=64', '--max-semi-space-size=8', countMediaWithHeap],
    environment: { MALLOC_ARENA_MAX: '1' },
  },
  // Media is freed when it leaves the window (segment-memory.ts), so little is left for the collector. Half
  // as much garbage as live data is a compromise: at 20 streams a quarter instead takes 3 MB less for each
  // and a twentieth more CPU.
  transcoder: {
    arguments: ['--heap-growing-percent=40', '--max-semi-space-size=8', countMediaWithHeap],
    environment: { MALLOC_ARENA_MAX: '1' },
  },
  // An edge makes little garbage that outlives a request, so a young generation of 100 MB, which V8 chooses
  // on large machines, gains nothing. The malloc setting returns evicted media to the system; glibc would
  // keep it in pieces of sizes that nothing reuses.
  edge: { arguments: ['--max-semi-space-size=2'], environment: { MALLOC_MMAP_THRESHOLD_: '66000' } },
}

/** @param {string} role @returns {RoleProcess} */
export const roleProcessOf = (role) => roleProcesses[role] ?? defaults
