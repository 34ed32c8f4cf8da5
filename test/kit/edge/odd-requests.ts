import { createRandom } from '../random.ts'
import {
  bodies,
  fields,
  headEnds,
  hostFields,
  methods,
  oddFields,
  oddTargets,
  versions,
} from './odd-request-parts.ts'

export interface OddConnection {
  /** Bytes to send (latin1), one piece after another. */
  pieces: string[]
  /** Number of request heads in all pieces together, not counting those in `bodies`. */
  requests: number
}

/** Creates requests that are usual, slightly wrong or hostile. The same seed creates the same requests. */
export function createOddRequests(seed: number, targets: readonly string[]) {
  const random = createRandom(seed)
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T
  const mostly = <T>(usual: T, values: readonly T[], share = 0.85): T =>
    random() < share ? usual : pick(values)

  function target(): string {
    const plain = pick(targets)
    return mostly(plain, oddTargets(plain))
  }

  function request(): string {
    const lines: string[] = []
    if (random() < 0.97) lines.push(mostly('Host: a', hostFields, 0.9))
    while (random() < 0.6) lines.push(pick(fields))
    while (random() < 0.12) lines.splice(Math.floor(random() * (lines.length + 1)), 0, pick(oddFields))
    const end = () => mostly('\r\n', headEnds, 0.99)
    const space = () => mostly(' ', ['  ', '\t', ''], 0.99)
    const method = mostly(random() < 0.2 ? 'HEAD' : 'GET', methods, 0.93)
    const first = method + space() + target() + space() + mostly('HTTP/1.1', versions, 0.95)
    return [first, ...lines].map((line) => line + end()).join('') + end()
  }

  /** Cuts a request at random into one or more pieces. */
  function cut(text: string): string[] {
    if (random() < 0.5) return [text]
    const at = Math.floor(random() * text.length)
    return random() < 0.7 ? [text.slice(0, at), text.slice(at)] : [text.slice(0, at), ...cut(text.slice(at))]
  }

  return {
    /**
     * Returns the bytes of one connection in pieces: one or more requests, each of which may be followed by
     * one of `bodies`.
     */
    connection(): OddConnection {
      const pieces: string[] = []
      let requests = 0
      do {
        requests += 1
        const text = request() + (random() < 0.15 ? pick(bodies) : '')
        pieces.push(...cut(text))
      } while (random() < 0.5)
      // With all pieces in one, several requests are pipelined.
      return { pieces: random() < 0.3 ? [pieces.join('')] : pieces, requests }
    },
  }
}
