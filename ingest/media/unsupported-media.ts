/**
 * Thrown for media that cannot be transcoded here. `message` goes to the encoder and says what to choose
 * instead.
 */
export class UnsupportedMedia extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UnsupportedMedia'
  }
}
