import { headIn, openRaw } from './raw-connection.ts'

export interface RawResponse {
  head: string
  body: Buffer
}

/** Opens a connection on which requests are sent one after the other, as players do. */
export async function openPlayerConnection(url: string) {
  const { socket, forget, send, until } = await openRaw(url)
  return {
    socket,
    /** Sends the text of a request. Resolves with its response. `hasBody` must be false for a HEAD. */
    ask(request: string, hasBody = true): Promise<RawResponse> {
      forget()
      send(request)
      return until('a response', (received) => {
        const head = headIn(received)
        if (head === undefined) return undefined
        const body = received.subarray(head.length + 4)
        const length = hasBody ? Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0) : 0
        return body.length >= length ? { head, body } : undefined
      })
    },
  }
}

export const statusOf = ({ head }: RawResponse) => Number(head.slice(9, 12))
export const fieldOf = ({ head }: RawResponse, name: string) =>
  new RegExp(`\\r\\n${name}: ([^\\r]*)`).exec(head)?.[1]
