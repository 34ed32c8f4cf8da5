/** Allowed durations of a clip, s. */
const minSeconds = 0.5
const maxSeconds = 30

/** Maximum number of boxes or elements at one level. Clips have fewer. */
const maxBoxes = 1000

const damaged = 'The MP4 clip is damaged or not complete'
const notFast = 'Its index is behind its media: export it with "fast start" or "web optimised"'

/** A box of ISO/IEC 14496-12: its type and the range of its content in the file. */
interface Box {
  type: string
  start: number
  end: number
}

/** Returns why a file that begins as an MP4 clip is unusable; undefined when it is usable. */
export function mp4Flaw(file: Buffer): string | undefined {
  const boxes = readBoxes(file, { start: 0, end: file.length })
  if (boxes === undefined) return damaged
  const index = boxes.find(({ type }) => type === 'moov')
  const media = boxes.find(({ type }) => type === 'mdat')
  if (index === undefined) return 'The MP4 clip has no index (moov)'
  if (media === undefined) return 'The MP4 clip has no media (mdat)'
  if (media.start < index.start) return notFast
  const parts = readBoxes(file, index)
  if (parts === undefined) return damaged
  if (!parts.some((part) => isVideoTrack(file, part))) return 'The MP4 clip has no video track'
  return durationFlaw(secondsOf(file, parts))
}

/** Returns the boxes of a range; undefined when one reaches beyond it, or when there are too many. */
function readBoxes(file: Buffer, { start, end }: Omit<Box, 'type'>): Box[] | undefined {
  const boxes: Box[] = []
  let at = start
  while (at < end) {
    if (at + 8 > end || boxes.length === maxBoxes) return undefined
    const short = file.readUInt32BE(at)
    const isLong = short === 1
    if (isLong && at + 16 > end) return undefined
    // The size 0 means that the box is the last one.
    const size = isLong ? Number(file.readBigUInt64BE(at + 8)) : short === 0 ? end - at : short
    const head = isLong ? 16 : 8
    if (size < head || size > end - at) return undefined
    boxes.push({ type: file.toString('latin1', at + 4, at + 8), start: at + head, end: at + size })
    at += size
  }
  return boxes
}

/** Whether a box of `moov` is a track whose handler is `vide`. */
function isVideoTrack(file: Buffer, track: Box): boolean {
  if (track.type !== 'trak') return false
  const media = readBoxes(file, track)?.find(({ type }) => type === 'mdia')
  const handler = media && readBoxes(file, media)?.find(({ type }) => type === 'hdlr')
  return handler !== undefined && textIn(file, handler, 8, 12) === 'vide'
}

const textIn = (file: Buffer, { start, end }: Box, from: number, to: number) =>
  file.toString('latin1', Math.min(start + from, end), Math.min(start + to, end))

/** Returns the duration in `mvhd`, s; undefined when there is none. */
function secondsOf(file: Buffer, parts: readonly Box[]): number | undefined {
  const header = parts.find(({ type }) => type === 'mvhd')
  if (header === undefined || header.start === header.end) return undefined
  const { start, end } = header
  // Version 1 has 64-bit times.
  const isLong = file[start] === 1
  if (start + (isLong ? 32 : 20) > end) return undefined
  const timescale = file.readUInt32BE(start + (isLong ? 20 : 12))
  const duration = isLong ? Number(file.readBigUInt64BE(start + 24)) : file.readUInt32BE(start + 16)
  return timescale === 0 ? undefined : duration / timescale
}

function durationFlaw(seconds: number | undefined): string | undefined {
  if (seconds === undefined) return 'The MP4 clip does not say how long it is'
  return seconds >= minSeconds && seconds <= maxSeconds
    ? undefined
    : `The clip lasts ${Number(seconds.toFixed(2))} s; a clip must last from ${minSeconds} to ${maxSeconds} s`
}

const docTypeId = 0x4282

/** Returns why a file that begins with an EBML header is unusable; undefined when it is usable. */
export function webmFlaw(file: Buffer): string | undefined {
  const docType = docTypeOf(file)
  if (docType === 'webm' || docType === 'matroska') return undefined
  return docType === undefined ? 'The header of the WebM clip is damaged' : 'The file is not a WebM clip'
}

/** Returns the DocType in the EBML header (RFC 8794), with which the file begins. */
function docTypeOf(file: Buffer): string | undefined {
  const size = readVint(file, 4)
  if (size === undefined) return undefined
  const end = Math.min(file.length, size.next + size.value)
  let at = size.next
  for (let count = 0; at < end && count < maxBoxes; count += 1) {
    const id = readVint(file, at)
    const length = id && readVint(file, id.next)
    if (id === undefined || length === undefined) return undefined
    const isDocType = id.next - at === 2 && file.readUInt16BE(at) === docTypeId
    at = length.next + length.value
    if (at > end) return undefined
    if (isDocType) return file.toString('latin1', length.next, at).replace(/\0+$/, '')
  }
  return undefined
}

/** Reads a number of variable length without its marker bit. `next` is the position behind it. */
function readVint(file: Buffer, at: number): { value: number; next: number } | undefined {
  const first = file[at] ?? 0
  const length = Math.clz32(first) - 23
  const next = at + length
  if (length > 8 || next > file.length) return undefined
  let value = first & (0xff >> length)
  for (const byte of file.subarray(at + 1, next)) value = value * 256 + byte
  return { value, next }
}
