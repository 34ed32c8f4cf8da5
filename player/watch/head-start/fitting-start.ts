import type { BundleHandler, BundleRequest } from './bundle-request.ts'
import { betterStart, type Start, silentMs } from './first-request.ts'

/** Player of the files of one start bundle. */
export interface StartPlayback extends BundleHandler {
  /** Whether a frame may be on the screen, so that no other bundle can replace this one. */
  readonly hasBegun: boolean
}

export interface FittingStartOptions<Playback extends StartPlayback> {
  start: Start
  request(start: Start): BundleRequest
  /** Creates the player of the next bundle, which replaces that of an earlier one. */
  createPlayback(): Playback
}

const checkEveryMs = 50

/**
 * Reads the start bundle that fits the link. What the link carries shows only when the first bytes arrive or
 * fail to arrive, so a second bundle may replace the first one until playback begins. `onChosen` is called
 * for each bundle that is read. The promise resolves when the last of them is complete. It rejects when there
 * is no bundle, or when that bundle breaks off.
 */
export async function readFittingStart<Playback extends StartPlayback>(
  options: FittingStartOptions<Playback>,
  onChosen: (request: BundleRequest, playback: Playback) => void,
): Promise<void> {
  const request = await untilResponse(options)
  const playback = options.createPlayback()
  onChosen(request, playback)
  const reading = request.read(playback)
  const better = await Promise.race([reading, untilTooSlow(request, playback, reading)])
  if (!better) return reading
  reading.catch(() => {})
  request.abort()
  const second = options.request(better)
  const secondPlayback = options.createPlayback()
  onChosen(second, secondPlayback)
  return second.read(secondPlayback)
}

/**
 * Resolves with the bundle whose response arrives first. After `silentMs` without a response, also requests a
 * bundle that suits a long or slow link. The first bundle is then ignored if it comes too late.
 */
async function untilResponse({ start, request }: Pick<FittingStartOptions<never>, 'start' | 'request'>) {
  const first = request(start)
  const isSilent = await Promise.race([
    first.responded().then(() => false),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(true), silentMs)),
  ])
  const better = isSilent ? betterStart(start, first.progress()) : undefined
  if (better === undefined) return first
  const second = request(better)

  async function firstIfInTime() {
    await first.responded()
    if (betterStart(start, first.progress()) === undefined) return first
    first.abort()
    throw new Error('too late')
  }

  const chosen = await Promise.any([firstIfInTime(), second.responded().then(() => second)])
  for (const each of [first, second]) if (each !== chosen) each.abort()
  return chosen
}

/**
 * Resolves with a better start when this bundle would take too long; with undefined when playback begins
 * before that, or when `reading` has ended.
 */
function untilTooSlow(request: BundleRequest, playback: StartPlayback, reading: Promise<void>) {
  return new Promise<Start | undefined>((resolve) => {
    const settle = (better?: Start) => {
      clearInterval(timer)
      resolve(better)
    }
    const timer = setInterval(() => {
      if (playback.hasBegun) return settle()
      const better = betterStart(request.start, request.progress())
      if (better) settle(better)
    }, checkEveryMs)
    reading.then(
      () => settle(),
      () => settle(),
    )
  })
}
