import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Maximum share of the machine's time that its host may take during a measurement. */
const maxStolen = 0.01
const maxRepeats = 5
/**
 * Unit of the times in /proc/stat: 100 ticks per second on all usual machines, whatever the kernel's own
 * tick.
 */
const ticksPerSecond = 100

let repeats = 0

/** Number of measurements that were repeated since the process started. Results state it as a condition. */
export const repeatsSoFar = () => repeats

/**
 * Repeats a measurement, at most 5 times, when the host of this virtual machine took more than 1 % of its
 * time meanwhile. Such a figure shows the load of other machines.
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
 * Returns the seconds that the host has taken from all cores so far (`steal` in /proc/stat, proc(5)); 0 where
 * that is unknown.
 */
function stolenSeconds(): number {
  try {
    const [, , , , , , , , stolen] = readFileSync('/proc/stat', 'utf8').split(/\s+/, 9)
    return Number(stolen) / ticksPerSecond
  } catch {
    return 0
  }
}
