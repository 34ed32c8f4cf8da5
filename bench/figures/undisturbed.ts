import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Maximum share of the cores' time that the host may use for other machines during a measurement. */
export const maxStolen = 0.01
const maxRepeats = 5
/**
 * Ticks per second in /proc/stat (USER_HZ): 100 on all usual machines, whatever tick the kernel uses
 * internally.
 */
const ticksPerSecond = 100

let repeats = 0

/** Returns how many measurements `undisturbed` has repeated since the process started. */
export const repeatsSoFar = () => repeats

/**
 * Returns the figure of `measure`. Repeats the measurement, at most 5 times, if the host of this virtual
 * machine used more than 1 % of the cores' time for other machines during it: such a figure would show their
 * load.
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
 * Returns the time that the host has used for other machines, summed over all cores, in seconds (`steal` in
 * /proc/stat, proc(5)); 0 without /proc.
 */
function stolenSeconds(): number {
  try {
    const [, , , , , , , , stolen] = readFileSync('/proc/stat', 'utf8').split(/\s+/, 9)
    return Number(stolen) / ticksPerSecond
  } catch {
    return 0
  }
}
