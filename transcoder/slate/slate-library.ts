import { createHash } from 'node:crypto'
import type { Redis } from '../../core/process/redis.ts'
import type { TranscodePlan } from '../plan/plan.ts'
import { createSlateEncoder, type SlateEncoder, type SlateEncoderOptions } from './encode-slate.ts'
import { createSlateDownload, type SlateDownload } from './slate-download.ts'
import { slateFps } from './slate-job.ts'
import type { SlateMedia } from './slate-media.ts'

/** Number of slates that are kept although no session uses them. */
const maxUnused = 4

interface Entry {
  media: Promise<SlateMedia>
  users: number
}

export type SlateLibrary = ReturnType<typeof createSlateLibrary>

/** Returns what decides how a slate is encoded: its content, and the renditions of a plan. */
export function slateKey(sha256: string, plan: TranscodePlan): string {
  const renditions = plan.video.map(({ name, width, height }) => `${name} ${width}x${height}`)
  return createHash('sha256')
    .update(JSON.stringify([sha256, slateFps(plan), renditions]))
    .digest('hex')
}

/**
 * Creates the slates of a process. Each is encoded once for each ladder, one after another, and shared by all
 * sessions that show it.
 */
export function createSlateLibrary(download: SlateDownload, encode: SlateEncoder) {
  const entries = new Map<string, Entry>()
  let newest: Promise<unknown> = Promise.resolve()

  function make(sha256: string, plan: TranscodePlan): Promise<SlateMedia> {
    const media = newest.then(async () => encode(await download(sha256), plan))
    newest = media.catch(() => {})
    return media
  }

  function forgetUnused() {
    const unused = [...entries].filter(([, { users }]) => users === 0)
    for (const [key] of unused.slice(0, Math.max(0, unused.length - maxUnused))) entries.delete(key)
  }

  return {
    /**
     * Returns the slate for a plan, and a function to call when it is no longer needed. `media` rejects when
     * the slate cannot be had; the next use tries again.
     */
    use(sha256: string, plan: TranscodePlan): { media: Promise<SlateMedia>; release(): void } {
      const key = slateKey(sha256, plan)
      const entry = entries.get(key) ?? { media: make(sha256, plan), users: 0 }
      entry.users++
      // The newest use comes last, so that the oldest is forgotten first.
      entries.delete(key)
      entries.set(key, entry)
      entry.media.catch(() => {
        if (entries.get(key) === entry) entries.delete(key)
      })
      return {
        media: entry.media,
        release() {
          entry.users--
          forgetUnused()
        },
      }
    },
  }
}

/** Creates the slates of a process, which come from the managers and are encoded by ffmpeg. */
export const openSlateLibrary = (
  options: SlateEncoderOptions & { redis: Redis; sourceKey: string },
): SlateLibrary =>
  createSlateLibrary(createSlateDownload(options.redis, options.sourceKey), createSlateEncoder(options))
