import { once } from 'node:events'

/** Maximum time for the response to a command, ms. It is generous, because tests share their cores. */
const timeoutMs = 30_000

type Settle = PromiseWithResolvers<unknown>

interface Response {
  id?: number | null
  result?: unknown
  error?: string
  message?: string
}

/** Connects to a browser with WebDriver BiDi (https://www.w3.org/TR/webdriver-bidi/). */
export async function connectBidi(url: string) {
  const socket = new WebSocket(url)
  const waiting = new Map<number, Settle>()
  let count = 0
  socket.addEventListener('message', ({ data }) => {
    const { id, result, error, message } = JSON.parse(String(data)) as Response
    const settle = waiting.get(id ?? -1)
    if (error === undefined) settle?.resolve(result)
    else settle?.reject(new Error(`${error}: ${message}`))
  })
  socket.addEventListener('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('the connection to the browser was closed'))
  })
  await once(socket, 'open', { signal: AbortSignal.timeout(timeoutMs) })

  return {
    /** Sends a command. Returns the result of its response. */
    async send<T>(method: string, params: object): Promise<T> {
      count += 1
      const id = count
      const settle: Settle = Promise.withResolvers()
      const timer = setTimeout(() => settle.reject(new Error(`no response to ${method}`)), timeoutMs)
      waiting.set(id, settle)
      socket.send(JSON.stringify({ id, method, params }))
      try {
        return (await settle.promise) as T
      } finally {
        clearTimeout(timer)
        waiting.delete(id)
      }
    },
    close: () => socket.close(),
  }
}
