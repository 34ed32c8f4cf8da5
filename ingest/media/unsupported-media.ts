/**
 * Thrown for media that cannot be transcoded here. The publisher gets `message`, which says what to choose
 * instead.
 */
export class UnsupportedMedia extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UnsupportedMedia'
  }
}
