/** Returns a PNG file without real pixels: header, data and end. Sizes are in pixels. */
export function samplePng(width = 640, height = 360): Buffer {
  const header = Buffer.concat([u32(width), u32(height), Buffer.from([8, 2, 0, 0, 0])])
  const chunks = [pngChunk('IHDR', header), pngChunk('IDAT', Buffer.alloc(40, 7)), pngChunk('IEND')]
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...chunks])
}

const pngChunk = (type: string, content = Buffer.alloc(0)) =>
  Buffer.concat([u32(content.length), Buffer.from(type), content, u32(0)])

/** Returns a JPEG file without real pixels. Its scan has an escaped 0xFF and a restart marker. */
export function sampleJpeg(width = 640, height = 360): Buffer {
  const frame = [...u16(17), 8, ...u16(height), ...u16(width), 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]
  const parts = [
    [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0],
    [0xff, 0xff, 0xc4, 0, 3, 0],
    [0xff, 0xc2, ...frame],
    [0xff, 0xda, 0, 3, 0, 1, 2, 0xff, 0, 3, 0xff, 0xd0, 4],
    [0xff, 0xd9],
  ]
  return Buffer.from(parts.flat())
}

interface ClipTraits {
  seconds?: number
  handler?: string
  /** Whether the index is in front of the media. */
  isFast?: boolean
  /** Version of the movie header; version 1 has 64-bit times. */
  version?: 0 | 1
}

/** Returns the boxes of an MP4 file without real media. */
export function sampleMp4({ seconds = 4, handler = 'vide', isFast = true, version = 0 }: ClipTraits = {}) {
  const times = version === 1 ? [Buffer.alloc(16), u32(1000), u32(0)] : [Buffer.alloc(8), u32(1000)]
  const header = box('mvhd', Buffer.from([version, 0, 0, 0]), ...times, u32(seconds * 1000))
  const media = box('mdia', box('hdlr', Buffer.alloc(8), Buffer.from(handler), Buffer.alloc(13)))
  const index = box('moov', header, box('trak', box('tkhd', Buffer.alloc(84)), media))
  const samples = box('mdat', Buffer.alloc(64, 5))
  return Buffer.concat([box('ftyp', Buffer.from('isom')), ...(isFast ? [index, samples] : [samples, index])])
}

function box(type: string, ...content: Buffer[]): Buffer {
  const size = content.reduce((sum, { length }) => sum + length, 8)
  return Buffer.concat([u32(size), Buffer.from(type), ...content])
}

/** Returns the EBML header of a WebM file, and the first bytes of its segment. */
export function sampleWebm(docType = 'webm'): Buffer {
  const version = Buffer.from('42868101', 'hex')
  const type = Buffer.concat([Buffer.from([0x42, 0x82, 0x80 | docType.length]), Buffer.from(docType)])
  const start = Buffer.concat([
    Buffer.from('1a45dfa3', 'hex'),
    u32(0x1000_0000 | (version.length + type.length)),
  ])
  return Buffer.concat([start, version, type, Buffer.from('1853806701ffffffffffffff', 'hex')])
}

const u16 = (value: number) => [value >> 8, value & 0xff]

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
