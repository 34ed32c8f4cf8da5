import type { StoreKey } from './store-key.ts'
import type { UploadQueue } from './upload-queue.ts'

export interface IndexWriterOptions {
  key: StoreKey
  queue: Pick<UploadQueue, 'add' | 'drop'>
  /** Returns the index as it is now. */
  render(): Buffer
  /** Called when the newest index that `render` returned is stored. */
  onStored(): void
  /** Called when no change waits to be written. */
  onIdle(): void
}

/**
 * Time from a change to the index that contains it, ms. The renditions complete a segment at about the same
 * time, so one index has all of them.
 */
const gatherMs = 200

/** Writes the index of a session after changes, one upload at a time. */
export function createIndexWriter({ key, queue, render, onStored, onIdle }: IndexWriterOptions) {
  let state: 'current' | 'due' | 'uploading' | 'outdated' | 'closed' = 'current'

  function changed(): void {
    if (state === 'uploading') state = 'outdated'
    if (state !== 'current') return
    state = 'due'
    setTimeout(upload, gatherMs)
  }

  function upload(): void {
    if (state === 'closed') return
    state = 'uploading'
    queue.add({
      key,
      bytes: 0,
      isFirst: true,
      pieces() {
        if (state === 'outdated') state = 'uploading'
        return [render()]
      },
      onEnd(isStored) {
        if (isStored) onStored()
        if (state === 'closed') return
        const isOutdated = state === 'outdated'
        state = 'current'
        if (isOutdated) changed()
        else onIdle()
      },
    })
  }

  return {
    /** Whether no change waits to be written. */
    get isIdle() {
      return state === 'current' || state === 'closed'
    },
    changed,
    close(): void {
      state = 'closed'
      queue.drop(key)
    },
  }
}
