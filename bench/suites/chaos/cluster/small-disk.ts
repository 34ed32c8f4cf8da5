import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { OnCleanup } from '../../../stand/scope.ts'

/** Size of the file system, MB, and of a block with which it is filled, bytes. */
const [sizeMb, blockBytes] = [16, 65_536]

export interface SmallDisk {
  /** Writes until nothing fits any more. */
  fill(): void
  /** Removes what `fill` has written. */
  empty(): void
}

/** Mounts a small file system in memory at a new folder, which can be filled. */
export function mountSmallDisk(folder: string, onCleanup: OnCleanup): SmallDisk {
  mkdirSync(folder, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m,mode=0700`, 'tmpfs', folder])
  onCleanup(() => execFileSync('umount', ['--lazy', folder]))
  const file = join(folder, 'fill')
  return {
    fill() {
      const to = openSync(file, 'w')
      try {
        for (let blocks = 0; blocks <= sizeMb * 32; blocks++) writeSync(to, Buffer.alloc(blockBytes))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      } finally {
        closeSync(to)
      }
    },
    empty: () => rmSync(file, { force: true }),
  }
}
