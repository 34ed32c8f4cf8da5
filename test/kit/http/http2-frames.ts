/** Flags of HEADERS and DATA frames (RFC 9113 6.1, 6.2). */
export const [endStream, endHeaders] = [1, 4]

/** Encodes a frame of HTTP/2 (RFC 9113 4.1). */
export function frame(type: number, flags: number, stream: number, payload = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

export const ping = () => frame(6, 0, 0, Buffer.alloc(8))

/** Encodes what a client sends first: the preface and SETTINGS (RFC 9113 3.4, 6.5). */
export function opening(initialWindow?: number): Buffer {
  const settings = Buffer.alloc(initialWindow === undefined ? 0 : 6)
  if (initialWindow !== undefined) {
    settings.writeUInt16BE(4)
    settings.writeUInt32BE(initialWindow, 2)
  }
  return Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0, settings)])
}

/** Encodes a header field as an HPACK literal, neither indexed nor Huffman-coded (RFC 7541 6.2.2). */
const literal = (name: string, value: string) =>
  Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ])

/** Encodes the pseudo-header fields of a request (RFC 9113 8.3.1). */
export const requestFields = (method: string, path: string) =>
  Buffer.concat([
    literal(':method', method),
    literal(':scheme', 'https'),
    literal(':authority', 'a'),
    literal(':path', path),
  ])
