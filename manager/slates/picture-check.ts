/** Allowed widths and heights of a picture, pixels. */
const minSide = 16
const maxSide = 4096

const cutOff = 'The file is not complete: the end of the picture is missing'
const damaged = 'The picture is damaged'

/** Size of an empty PNG chunk: length, type and checksum, bytes. */
const pngChunkBytes = 12
const pngEnd = 0x49454e44

/** Returns why a file that begins as a PNG picture is unusable; undefined when it is usable. */
export function pngFlaw(file: Buffer): string | undefined {
  // The first chunk is the header. It begins with width and height.
  if (file.length < 33 || file.toString('latin1', 12, 16) !== 'IHDR') return damaged
  return sizeFlaw(file.readUInt32BE(16), file.readUInt32BE(20)) ?? (hasPngEnd(file) ? undefined : cutOff)
}

function hasPngEnd(file: Buffer): boolean {
  let at = 8
  while (at + pngChunkBytes <= file.length) {
    if (file.readUInt32BE(at + 4) === pngEnd) return true
    at += pngChunkBytes + file.readUInt32BE(at)
  }
  return false
}

const jpegEnd = 0xd9
const jpegScan = 0xda
/** Markers from SOF0 to SOF15 that are no frame header: tables and an extension. */
const jpegNoFrame = new Set([0xc4, 0xc8, 0xcc])

/** Returns why a file that begins as a JPEG picture is unusable; undefined when it is usable. */
export function jpegFlaw(file: Buffer): string | undefined {
  let size: { width: number; height: number } | undefined
  let at = 2
  while (at + 2 <= file.length) {
    const marker = file[at + 1] ?? 0
    if (file[at] !== 0xff) return damaged
    if (marker === jpegEnd) return size === undefined ? damaged : sizeFlaw(size.width, size.height)
    if (marker === 0xff) at += 1
    else if (standsAlone(marker)) at += 2
    else {
      if (at + 4 > file.length) return cutOff
      const length = file.readUInt16BE(at + 2)
      if (length < 2) return damaged
      if (isFrameHeader(marker) && at + 9 <= file.length)
        size = { height: file.readUInt16BE(at + 5), width: file.readUInt16BE(at + 7) }
      at += 2 + length
      if (marker === jpegScan) at = endOfScan(file, at)
    }
  }
  return cutOff
}

/** Whether a marker has no length and no content: TEM and the restart markers. */
const standsAlone = (marker: number) => marker === 0x01 || isRestart(marker)
const isRestart = (marker: number) => marker >= 0xd0 && marker <= 0xd7
const isFrameHeader = (marker: number) => marker >= 0xc0 && marker <= 0xcf && !jpegNoFrame.has(marker)

/** Returns where the marker behind a scan begins. Within a scan 0xFF is followed by 0 or a restart marker. */
function endOfScan(file: Buffer, from: number): number {
  let at = file.indexOf(0xff, from)
  while (at !== -1) {
    const next = file[at + 1] ?? 0xff
    if (next !== 0 && next !== 0xff && !isRestart(next)) return at
    at = file.indexOf(0xff, at + 1)
  }
  return file.length
}

function sizeFlaw(width: number, height: number): string | undefined {
  const isUsable = [width, height].every((side) => side >= minSide && side <= maxSide)
  return isUsable
    ? undefined
    : `The picture has ${width}x${height} pixels; width and height must be from ${minSide} to ${maxSide}`
}
