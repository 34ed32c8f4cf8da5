import { openRaw, type RawConnection } from '../http/raw-connection.ts'

export interface RtmpClient extends RawConnection {
  /** Resolves when `text` has been received. Rejects when the connection ends first, or after 30 s. */
  receives(text: string): Promise<void>
}

/**
 * Connects to an RTMP port of this machine, from an address of this machine. The client sends only what the
 * test passes to `send`.
 */
export async function connectRtmp(port: number, from?: string): Promise<RtmpClient> {
  const connection = await openRaw(`rtmp://127.0.0.1:${port}`, '', [], from)
  return {
    ...connection,
    receives: (text) =>
      connection.until(text, (received) => (received.includes(text) ? true : undefined)).then(() => {}),
  }
}
