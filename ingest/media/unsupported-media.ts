/**
 * Thrown for media that nowcast cannot transcode or that exceeds a limit. The publisher receives `message`.
 */
export class UnsupportedMedia extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UnsupportedMedia'
  }
}
