import { isIP, SocketAddress } from 'node:net'

/** The header that a proxy sends before the bytes of its client, version 1 or 2 of the PROXY protocol. */
interface ProxyHeader {
  /** Length of the header, bytes. What the client sent begins after it. */
  length: number
  /** The client; undefined when the proxy speaks for itself, as in a health check. */
  client: { address: string; port: number } | undefined
}

/** `none`: the bytes do not begin with a header. */
type Reading = ProxyHeader | 'incomplete' | 'invalid' | 'none'

const textStart = Buffer.from('PROXY ')
/** Maximum length of a header of version 1 with its line end (section 2.1). */
const maxTextBytes = 107
const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
/** Signature, version, family, and length of the rest. */
const fixedBytes = 16
/** Maximum length of a header of version 2 after its fixed part. Addresses take 36 bytes; TLVs follow. */
const maxRestBytes = 2048

/** Reads a PROXY header at the start of `bytes`, of which more may still arrive. */
export function readProxyHeader(bytes: Buffer): Reading {
  for (const [start, read] of readers) {
    const length = Math.min(bytes.length, start.length)
    if (bytes.compare(start, 0, length, 0, length) !== 0) continue
    return bytes.length < start.length ? 'incomplete' : read(bytes)
  }
  return 'none'
}

const readers: [start: Buffer, read: (bytes: Buffer) => Reading][] = [
  [textStart, readText],
  [signature, readBinary],
]

const textExpression = /^PROXY (TCP4|TCP6) (\S+) (\S+) (\d{1,5}) (\d{1,5})$/

/** Reads version 1: one line of ASCII. */
function readText(bytes: Buffer): Reading {
  const text = bytes.toString('latin1', 0, maxTextBytes)
  const end = text.indexOf('\r\n')
  if (end < 0) return bytes.length < maxTextBytes ? 'incomplete' : 'invalid'
  const line = text.slice(0, end)
  const length = end + 2
  if (line === 'PROXY UNKNOWN' || line.startsWith('PROXY UNKNOWN ')) return { length, client: undefined }
  const [, family, address = '', , port] = textExpression.exec(line) ?? []
  if (isIP(address) !== (family === 'TCP6' ? 6 : 4) || Number(port) > 65_535) return 'invalid'
  return { length, client: { address, port: Number(port) } }
}

/** Reads version 2. Families other than TCP over IPv4 and IPv6 have no address that is of use here. */
function readBinary(bytes: Buffer): Reading {
  if (bytes.length < fixedBytes) return 'incomplete'
  const command = bytes.readUInt8(12)
  const family = bytes.readUInt8(13)
  const rest = bytes.readUInt16BE(14)
  const length = fixedBytes + rest
  if (command >> 4 !== 2 || (command & 15) > 1 || rest > maxRestBytes) return 'invalid'
  if (bytes.length < length) return 'incomplete'
  if ((command & 15) === 0 || (family !== 0x11 && family !== 0x21)) return { length, client: undefined }
  const size = family === 0x11 ? 4 : 16
  if (rest < 2 * size + 4) return 'invalid'
  const address = addressOf(bytes.subarray(fixedBytes, fixedBytes + size))
  return { length, client: { address, port: bytes.readUInt16BE(fixedBytes + 2 * size) } }
}

function addressOf(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16))
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address
}
