/** The bytes are not the fragmented MP4 that was expected. The message never contains any of them. */
export class MediaError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'MediaError'
  }
}
