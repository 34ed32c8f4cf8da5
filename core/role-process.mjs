/**
 * How V8 and the allocator are to deal with what a role does; for whoever starts its process.
 * @typedef {{ arguments: string[], environment: Record<string, string> }} RoleProcess
 */

/** @type {RoleProcess} */
const plain = { arguments: [], environment: {} }

/** @type {Record<string, RoleProcess>} */
const roleProcesses = {
  // Ingest keeps little and passes on much: V8, which begins with a small heap, would mark all of it every 2.5 s at 20 streams for the
  // sake of media that is long gone, a seventh of the role's CPU. With this size, MB, the cheap collection of what is young does.
  ingest: { arguments: ['--initial-old-space-size=128'], environment: {} },
  // An edge makes little garbage that outlives a request: room for 100 MB of it, as V8 takes on large machines, speeds up nothing. And media
  // that the cache let go of is to go back to the system: glibc keeps what it once got back for the next, in pieces that fit nothing.
  edge: { arguments: ['--max-semi-space-size=2'], environment: { MALLOC_MMAP_THRESHOLD_: '66000' } },
}

/** @param {string} role @returns {RoleProcess} */
export const roleProcessOf = (role) => roleProcesses[role] ?? plain
