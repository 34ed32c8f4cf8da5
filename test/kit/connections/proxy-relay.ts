import { connect, createServer } from 'node:net'
import { pipeline } from 'node:stream'
import { listen } from '../../../core/process/http-server.ts'

/**
 * Starts a TCP proxy in front of a local port. It sends `header` first on each connection, byte by byte if
 * `isSlow`, and then passes everything on. Returns its port.
 */
export async function startRelay(target: number, header: Buffer | string, isSlow = false) {
  const bytes = Buffer.from(header)
  const relay = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: target, host: '127.0.0.1', noDelay: true }, () => {
      if (isSlow) for (const byte of bytes) upstream.write(Buffer.of(byte))
      else upstream.write(bytes)
      pipeline(client, upstream, client, () => {})
    })
    upstream.on('error', () => client.destroy())
  })
  const port = await listen(relay, '127.0.0.1', 0, 'test')
  return { port, close: () => void relay.close() }
}

/** Returns a header of version 1 of the PROXY protocol for a client. */
export const textHeader = (address: string) =>
  `PROXY ${address.includes(':') ? `TCP6 ${address} ::1` : `TCP4 ${address} 127.0.0.1`} 4711 443\r\n`

/** Returns a header of version 2 of the PROXY protocol for a client with an IPv4 address. */
export const binaryHeader = (address: string) =>
  Buffer.concat([
    Buffer.from('0d0a0d0a000d0a515549540a2111000c', 'hex'),
    Buffer.from(address.split('.').map(Number)),
    Buffer.from('7f0000011267078f', 'hex'),
  ])
