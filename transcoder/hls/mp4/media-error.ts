/** Bytes that are not the fragmented MP4 they should be. The message says what was wrong, never the bytes. */
export class MediaError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'MediaError'
  }
}
