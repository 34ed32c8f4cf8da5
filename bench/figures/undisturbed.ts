import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Maximum share of the machine's time that its host may use for others during a measurement, 0..1. */
const maxStolen = 0.01
const maxRepeats = 5
/**
 * Ticks per second in /proc/stat. This is 100 on all usual machines, whatever tick the kernel uses
 * internally.
 */
const ticksPerSecond = 100

let repeats = 0

/** Returns the number of repeats since the process started. */
export const repeatsSoFar = () => repeats

/**
 * Runs `measure`, and repeats it while the host of this virtual machine uses more than `maxStolen` of the
 * machine's time for others. Returns the last figure, after at most `maxRepeats` repeats.
 */
export async function undisturbed<Figure>(measure: () => Promise<Figure>): Promise<Figure> {
  for (let left = maxRepeats; ; left -= 1) {
    const [stolen, start] = [stolenSeconds(), performance.now()]
    const figure = await measure()
    const seconds = ((performance.now() - start) / 1000) * availableParallelism()
    if (stolenSeconds() - stolen <= maxStolen * seconds || left === 0) return figure
    repeats += 1
  }
}

/**
 * Returns the time of all cores that the host has used for others, in seconds (`steal` in /proc/stat,
 * proc(5)); 0 without /proc.
 */
function stolenSeconds(): number {
  try {
    const [, , , , , , , , stolen] = readFileSync('/proc/stat', 'utf8').split(/\s+/, 9)
    return Number(stolen) / ticksPerSecond
  } catch {
    return 0
  }
}
