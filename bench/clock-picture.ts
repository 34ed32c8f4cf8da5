/**
 * A picture that carries the wall clock: the upper half is a grid of 16 columns by 3 rows of dark (0) and light (1)
 * blocks, most significant bit first. Rows 0 and 1 hold the milliseconds modulo 2^32, row 2 their exclusive or as a
 * check, so that a reader knows a torn or blurred picture from a good one. The lower half moves, to give the encoder work.
 */
export const clockColumns = 16
export const clockRows = 3
export const clockModulus = 2 ** 32

/** Draws the clock `now` into the luma plane of a yuv420p frame. */
export function drawClock(luma: Uint8Array, width: number, height: number, now: number, frame: number): void {
  const clock = now % clockModulus
  const high = Math.floor(clock / 65_536)
  const low = clock % 65_536
  const words = [high, low, high ^ low]
  const half = Math.floor(height / 2)
  const line = new Uint8Array(width)
  words.forEach((word, row) => {
    for (let x = 0; x < width; x++) {
      const column = Math.floor((x * clockColumns) / width)
      line[x] = (word >> (clockColumns - 1 - column)) & 1 ? 235 : 16
    }
    const end = Math.floor(((row + 1) * half) / clockRows)
    for (let y = Math.floor((row * half) / clockRows); y < end; y++) luma.set(line, y * width)
  })
  for (let y = half; y < height; y++)
    for (let x = 0; x < width; x++) luma[y * width + x] = 16 + (((x ^ y) + frame * 3) & 127)
}

/** The clock in a picture given its luma at points (x and y in 0..1), or undefined when the check row disagrees. */
export function readClock(lumaAt: (x: number, y: number) => number): number | undefined {
  const words = [0, 0, 0].map((_, row) => {
    let word = 0
    for (let column = 0; column < clockColumns; column++)
      word = word * 2 + (lumaAt((column + 0.5) / clockColumns, (row + 0.5) / (2 * clockRows)) > 128 ? 1 : 0)
    return word
  })
  const [high = 0, low = 0, check = 0] = words
  return (high ^ low) === check ? high * 65_536 + low : undefined
}
