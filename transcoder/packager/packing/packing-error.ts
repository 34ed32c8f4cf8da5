/** Thrown when the media of a rendition cannot be packed. The rendition ends; the others continue. */
export class PackingError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'PackingError'
  }
}
