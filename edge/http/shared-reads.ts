import { Socket } from 'node:net'

/** Of more than this a connection hears in several pieces, bytes. */
const bufferBytes = 65_536

/** What is read of any connection, until the next read of any. */
const buffer = Buffer.allocUnsafeSlow(bufferBytes)

/** Hears the bytes of one read; they are overwritten by the next. False: nothing more is read until the socket is resumed. */
export type OnRead = (bytes: Buffer) => boolean

interface Internals {
  [field: symbol]: unknown
  _handle: { useUserBuffer?(buffer: Buffer): void } | null
}

/** Where a socket keeps what `new Socket({ onread })` was given. */
const [bufferField, callbackField] = ((): (symbol | undefined)[] => {
  const fields = Object.getOwnPropertySymbols(new Socket())
  return ['kBuffer', 'kBufferCb'].map((name) => fields.find(({ description }) => description === name))
})()

/**
 * Gives a socket that a server accepted what `onread` gives one that connects: it reads into a buffer that is there, in the place of 64 KB
 * made, cut and thrown away for each request, and tells without `data` events. Node.js offers that to clients alone; where it
 * keeps it elsewhere some day nothing is changed, and false is given. Until `push` takes over, all that is read goes to `onRead`.
 */
export function readShared(socket: Socket, onRead: OnRead): boolean {
  const internals = socket as unknown as Internals
  const handle = internals._handle
  if (bufferField === undefined || callbackField === undefined || !handle?.useUserBuffer) return false
  handle.useUserBuffer(buffer)
  internals[bufferField] = buffer
  internals[callbackField] = (length: number) => onRead(buffer.subarray(0, length))
  return true
}
