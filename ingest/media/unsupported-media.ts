/** Media that nobody here can transcode; `message` tells the publisher what to choose instead. */
export class UnsupportedMedia extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UnsupportedMedia'
  }
}
