import type { Rtmp } from './node-media-server.ts'

/** Number of bytes after which the peer has to acknowledge what it received; also the announced bandwidth. */
const announcedWindow = 5_000_000
/**
 * Limit type 2, dynamic: the peer ignores the bandwidth unless the last limit was hard (RTMP 1.0 section
 * 5.4.5).
 */
const dynamicLimit = 2

/**
 * Capabilities that we announce (`capsEx` of enhanced RTMP version 2), bits: 1 reconnect requests, 2
 * multitrack, 4 ModEx.
 */
const reconnectBit = 1
const capabilities = reconnectBit | 2 | 4
/**
 * Value in the maps of codecs in the response to `connect` (enhanced RTMP version 2), bits: 1 decode, 4
 * forward.
 */
const canDecodeAndForward = 1 | 4
const videoFourCcs = ['avc1', 'hvc1', 'av01', 'vp09']
const audioFourCcs = ['mp4a', '.mp3', 'Opus']

const infoMap = (fourCcs: readonly string[]) =>
  Object.fromEntries(fourCcs.map((fourCc) => [fourCc, canDecodeAndForward]))

/**
 * Accepts `connect` (RTMP 1.0 section 7.2.1.1). The window and the bandwidth come first, because some
 * encoders wait for them.
 */
export function acceptConnect(rtmp: Rtmp, transId: number): void {
  rtmp.sendWindowACK(announcedWindow)
  rtmp.setPeerBandwidth(announcedWindow, dynamicLimit)
  rtmp.setChunkSize(rtmp.outChunkSize)
  rtmp.sendInvokeMessage(0, {
    cmd: '_result',
    transId,
    cmdObj: { fmsVer: 'FMS/3,0,1,123', capabilities: 31 },
    info: {
      level: 'status',
      code: 'NetConnection.Connect.Success',
      description: 'Connection succeeded.',
      objectEncoding: 0,
      capsEx: capabilities,
      videoFourCcInfoMap: infoMap(videoFourCcs),
      audioFourCcInfoMap: infoMap(audioFourCcs),
    },
  })
}

/**
 * Accepts a call that has no result, such as `releaseStream`. Encoders of the family of Adobe FMLE do not
 * continue without this response.
 */
export function acceptCall(rtmp: Rtmp, transId: number): void {
  rtmp.sendInvokeMessage(0, { cmd: '_result', transId, cmdObj: null, info: undefined })
}

/** Accepts `FCPublish`. Encoders of the family of Adobe FMLE wait for `onFCPublish`. */
export function acceptFcPublish(rtmp: Rtmp, transId: number): void {
  const info = { level: 'status', code: 'NetStream.Publish.Start', description: 'FCPublish.' }
  rtmp.sendInvokeMessage(0, { cmd: 'onFCPublish', transId: 0, cmdObj: null, info })
  acceptCall(rtmp, transId)
}

/**
 * Whether a client connects again when it is asked to, by the `capsEx` of its `connect` (enhanced RTMP
 * version 2).
 */
export const canReconnect = (capsEx: unknown) => typeof capsEx === 'number' && (capsEx & reconnectBit) !== 0

/** Asks a publisher to connect again, because this server stops (enhanced RTMP version 2). */
export function requestReconnect(rtmp: Rtmp): void {
  const description = 'The server stops. Connect again.'
  rtmp.sendStatusMessage(0, 'status', 'NetConnection.Connect.ReconnectRequest', description)
}
