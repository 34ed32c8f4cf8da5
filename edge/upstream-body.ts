import type { IncomingMessage } from 'node:http'
import { type Failure, originError, unreachable } from './failure.ts'

/** The whole body of an answer, or why there is none: it is longer than `longest` bytes, or broke off. Never rejects. */
export function readBody(
  response: IncomingMessage,
  longest: number,
  onProgress: () => void,
): Promise<Buffer | Failure> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let length = 0
    response.on('data', (chunk: Buffer) => {
      onProgress()
      chunks.push(chunk)
      length += chunk.length
      if (length <= longest) return
      resolve(originError)
      response.destroy()
    })
    response.on('end', () => resolve(Buffer.concat(chunks, length)))
    response.on('error', () => resolve(unreachable))
    response.on('close', () => resolve(unreachable))
  })
}
