import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Of the machine's time, what its host may give to others while something is measured. */
const mostStolen = 0.01
const mostRepeats = 5
/** The kernel counts in hundredths of a second. */
const ticksPerSecond = 100

let repeats = 0

/** How often a measurement was made again since the process began. */
export const repeatsSoFar = () => repeats

/** Measures again, a few times at most, when the host of a virtual machine took more than a hundredth of its time meanwhile: such a figure tells of the neighbours. */
export async function undisturbed<Figure>(measure: () => Promise<Figure>): Promise<Figure> {
  for (let left = mostRepeats; ; left -= 1) {
    const [stolen, start] = [stolenSeconds(), performance.now()]
    const figure = await measure()
    const seconds = ((performance.now() - start) / 1000) * availableParallelism()
    if (stolenSeconds() - stolen <= mostStolen * seconds || left === 0) return figure
    repeats += 1
  }
}

/** Time of all cores that went to others so far, s; 0 where the system does not say (proc(5), stat: steal). */
function stolenSeconds(): number {
  try {
    const [, , , , , , , , stolen] = readFileSync('/proc/stat', 'utf8').split(/\s+/, 9)
    return Number(stolen) / ticksPerSecond
  } catch {
    return 0
  }
}
