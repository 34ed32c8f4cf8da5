/**
 * Size of the grid in a picture that contains the wall clock. The grid is the upper half of the picture: dark
 * (0) and light (1) blocks, most significant bit first. Rows 0 and 1 are the milliseconds modulo 2^32. Row 2
 * is the exclusive or of both, so that a torn or blurred picture is recognised. The lower half is a textured
 * wall that moves from frame to frame, as most of the content of real pictures does.
 */
export const clockColumns = 16
export const clockRows = 3
export const clockModulus = 2 ** 32

/** Movement of the wall from frame to frame, pixels. */
const panPixels = 2
/** Width after which the wall repeats, pixels. */
const wallPeriod = 512

/** Creates a function that draws pictures of one size into the luma plane of a yuv420p frame. */
export function createClockDrawer(width: number, height: number) {
  const half = Math.floor(height / 2)
  const line = new Uint8Array(width)
  const stride = width + wallPeriod
  const wall = drawWall(stride, height - half)

  /** Draws the time `now`, ms, and the wall at the position that follows from the number `frame`. */
  return function draw(luma: Uint8Array, now: number, frame: number): void {
    const clock = now % clockModulus
    const high = Math.floor(clock / 65_536)
    const low = clock % 65_536
    const words = [high, low, high ^ low]
    words.forEach((word, row) => {
      for (let x = 0; x < width; x++) {
        const column = Math.floor((x * clockColumns) / width)
        line[x] = (word >> (clockColumns - 1 - column)) & 1 ? 235 : 16
      }
      const end = Math.floor(((row + 1) * half) / clockRows)
      for (let y = Math.floor((row * half) / clockRows); y < end; y++) luma.set(line, y * width)
    })
    const offset = (frame * panPixels) % wallPeriod
    for (let y = half; y < height; y++) {
      const from = (y - half) * stride + offset
      luma.set(wall.subarray(from, from + width), y * width)
    }
  }
}

/** Draws large shapes, small shapes and grain, which repeat after `wallPeriod` pixels. Returns the luma. */
function drawWall(width: number, height: number): Uint8Array {
  const wall = new Uint8Array(width * height)
  const turn = (2 * Math.PI) / wallPeriod
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const large = 50 * Math.sin(3 * turn * x + y / 41) * Math.cos(y / 67)
      const small = 20 * Math.sin(32 * turn * x) * Math.sin(y / 3)
      const grain = (Math.imul((x % wallPeriod) + 1, 2_654_435_761) ^ Math.imul(y + 1, 40_503)) >>> 28
      wall[y * width + x] = 128 + large + small + grain - 8
    }
  return wall
}

/**
 * Returns the time in a picture, ms modulo `clockModulus`; undefined when the third row does not match,
 * because the picture is torn or blurred. `lumaAt` returns the luma at a point, with x and y from 0 to 1.
 */
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
