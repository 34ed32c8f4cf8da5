import { openRaw, type RawConnection } from '../http/raw-connection.ts'

export interface RtmpClient extends RawConnection {
  /** Resolves when `text` was received. Rejects when the connection ends first, and after 30 s. */
  receives(text: string): Promise<void>
}

/** Connects to an RTMP port of this machine. The client sends only what the test passes to `send`. */
export async function connectRtmp(port: number): Promise<RtmpClient> {
  const connection = await openRaw(`rtmp://127.0.0.1:${port}`)
  return {
    ...connection,
    receives: (text) =>
      connection.until(text, (received) => (received.includes(text) ? true : undefined)).then(() => {}),
  }
}
