/**
 * V8 flags and environment variables for the process of a role.
 * @typedef {{ arguments: string[], environment: Record<string, string> }} RoleProcess
 */

/** @type {RoleProcess} */
const defaults = { arguments: ['--max-semi-space-size=1'], environment: { MALLOC_ARENA_MAX: '1' } }

// Media is outside the V8 heap. By default V8 collects the whole heap whenever 64 MB of such memory have been
// allocated. With 20 streams this was twice a second and took more than half of the CPU. With this flag V8
// counts the memory as part of the heap, and collects the whole heap a hundred times less often.
const countMediaWithHeap = '--external-memory-accounted-in-global-limit'

/** @type {Record<string, RoleProcess>} */
const roleProcesses = {
  // Ingest forwards much media and keeps little. From its small initial heap, V8 marked the whole heap every
  // 2.5 s with 20 streams, because of media that was no longer used. This took a seventh of the role's CPU.
  // With an initial heap of 64 MB, collections of the young generation are mostly enough. More saves little.
  ingest: {
    arguments: ['--initial-old-space-size=64', '--max-semi-space-size=8', countMediaWithHeap],
    environment: { MALLOC_ARENA_MAX: '1' },
  },
  // The transcoder frees media when it leaves the window (segment-memory.ts), so the garbage collector has
  // little to free. The heap may grow by 40 % between collections. Less than 40 % saves memory and costs CPU.
  transcoder: {
    arguments: ['--heap-growing-percent=40', '--max-semi-space-size=8', countMediaWithHeap],
    environment: { MALLOC_ARENA_MAX: '1' },
  },
  // Each viewer of a low-latency channel has two requests that wait for the next part. In a young generation
  // of 2 MB, those of a few hundred viewers were copied again and again, which took a sixth of the CPU. It
  // grows only when that much survives. With the malloc setting, the memory of evicted media returns to the
  // system. Without the setting, glibc keeps that memory in blocks of sizes that nothing reuses.
  edge: { arguments: ['--max-semi-space-size=16'], environment: { MALLOC_MMAP_THRESHOLD_: '66000' } },
}

/** @param {string} role @returns {RoleProcess} */
export const roleProcessOf = (role) => roleProcesses[role] ?? defaults
