/**
 * How moments are spread over time. Times are seconds after the start of the curve.
 *
 * - `even`: the same rate from `from` on for `seconds`
 * - `decay`: the rate begins at its maximum and falls by 1/e in each `tau`, for `seconds`
 * - `logistic`: an S from `from` on for `seconds`, steepest at `middle`; it rises from 10 % to 90 % within
 *   4.4 times its `scale`
 * - `pulses`: `count` bursts, one in each `every` seconds, each a gamma distribution of shape 2 and `theta`
 */
export type Shape =
  | { shape: 'even'; from: number; seconds: number }
  | { shape: 'decay'; from: number; seconds: number; tau: number }
  | { shape: 'logistic'; from: number; seconds: number; middle: number; scale: number }
  | { shape: 'pulses'; from: number; every: number; count: number; theta: number }

/** Returns the time before which the share `u` (0..1) of all moments of a shape is, s. */
export function momentOf(shape: Shape, u: number): number {
  const { from } = shape
  switch (shape.shape) {
    case 'even':
      return from + u * shape.seconds
    case 'decay':
      return from - shape.tau * Math.log(1 - u * (1 - Math.exp(-shape.seconds / shape.tau)))
    case 'logistic': {
      const { seconds, middle, scale } = shape
      const share = (at: number) => 1 / (1 + Math.exp((middle - at) / scale))
      const [first, last] = [share(from), share(from + seconds)]
      const wanted = first + u * (last - first)
      return middle - scale * Math.log(1 / wanted - 1)
    }
    case 'pulses': {
      const pulse = Math.min(shape.count - 1, Math.floor(u * shape.count))
      return from + pulse * shape.every + shape.theta * gammaOfTwo(u * shape.count - pulse)
    }
  }
}

/** Largest moment of a pulse, in units of its scale: 99.9 % are before it. */
const pulseEnd = 9.2

/** Returns the quantile of the gamma distribution of shape 2 and scale 1, by bisection. */
function gammaOfTwo(u: number): number {
  let low = 0
  let high = pulseEnd
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2
    if (1 - (1 + middle) * Math.exp(-middle) < u) low = middle
    else high = middle
  }
  return low
}
