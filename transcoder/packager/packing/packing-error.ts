/** The media of a rendition cannot be packed. */
export class PackingError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'PackingError'
  }
}
