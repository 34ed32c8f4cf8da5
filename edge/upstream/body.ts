import type { IncomingMessage } from 'node:http'
import { freeReadSoon } from '../../core/process/node-internals.ts'
import { type Failure, originError, unreachable } from '../objects/failure.ts'

/**
 * Reads the whole body of a response, and calls `onProgress` for each chunk. Resolves with a failure when the
 * body is longer than `maxBytes` or breaks off; never rejects.
 */
export function readBody(
  response: IncomingMessage,
  maxBytes: number,
  onProgress: () => void,
): Promise<Buffer | Failure> {
  return new Promise((resolve) => {
    const announced = Number(response.headers['content-length'] ?? Number.NaN)
    // A body of known length is copied to its final place at once. Joining chunks at the end would need twice
    // the memory.
    const whole = announced <= maxBytes ? Buffer.allocUnsafeSlow(announced) : undefined
    const chunks: Buffer[] = []
    let length = 0
    response.on('data', (chunk: Buffer) => {
      onProgress()
      if (whole === undefined) chunks.push(chunk)
      else {
        chunk.copy(whole, length)
        freeReadSoon(chunk)
      }
      length += chunk.length
      if (length <= maxBytes) return
      resolve(originError)
      response.destroy()
    })
    response.on('end', () => {
      if (whole === undefined) resolve(Buffer.concat(chunks, length))
      else resolve(length === announced ? whole : unreachable)
    })
    response.on('error', () => resolve(unreachable))
    response.on('close', () => resolve(unreachable))
  })
}
