/** Media that cannot be transcoded here. `message` says what to choose in the encoder instead. */
export class UnsupportedMedia extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UnsupportedMedia'
  }
}
