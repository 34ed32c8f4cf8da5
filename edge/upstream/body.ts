import type { IncomingMessage } from 'node:http'
import { giveBackSoon } from '../http/body-memory.ts'
import { type Failure, originError, unreachable } from '../objects/failure.ts'

/** The whole body of an answer, or why there is none: it is longer than `longest` bytes, or broke off. Never rejects. */
export function readBody(
  response: IncomingMessage,
  longest: number,
  onProgress: () => void,
): Promise<Buffer | Failure> {
  return new Promise((resolve) => {
    const told = Number(response.headers['content-length'] ?? Number.NaN)
    // In the place where it stays: put together of pieces it would be there twice.
    const whole = told <= longest ? Buffer.allocUnsafeSlow(told) : undefined
    const chunks: Buffer[] = []
    let length = 0
    response.on('data', (chunk: Buffer) => {
      onProgress()
      if (whole === undefined) chunks.push(chunk)
      else {
        chunk.copy(whole, length)
        giveBackSoon(chunk)
      }
      length += chunk.length
      if (length <= longest) return
      resolve(originError)
      response.destroy()
    })
    response.on('end', () => {
      if (whole === undefined) resolve(Buffer.concat(chunks, length))
      else resolve(length === told ? whole : unreachable)
    })
    response.on('error', () => resolve(unreachable))
    response.on('close', () => resolve(unreachable))
  })
}
