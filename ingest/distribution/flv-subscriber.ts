import type { ServerResponse } from 'node:http'
import { maxReaderLagBytes } from '../rtmp/limits.ts'
import type { FlvSubscriber } from './subscribers.ts'

export interface FlvReaderOptions {
  response: ServerResponse
  /** Called when the body was broken off by us. */
  onDropped: (why: string) => void
}

/**
 * Writes a session as the chunked body of an HTTP answer. A reader that lags by more than `maxReaderLagBytes` beyond its
 * first burst is dropped: its body is torn, never ended, so that it cannot take the rest for the end of the session.
 */
export function createFlvSubscriber({ response, onDropped }: FlvReaderOptions): FlvSubscriber {
  let lagLimit: number | undefined
  const abort = (why: string) => {
    if (response.destroyed) return
    onDropped(why)
    response.destroy()
  }
  return {
    write(tags) {
      for (const tag of tags) response.write(tag)
      lagLimit ??= maxReaderLagBytes + response.writableLength
      if (response.writableLength > lagLimit) abort('reader lags')
    },
    end: () => void response.end(),
    abort,
  }
}
