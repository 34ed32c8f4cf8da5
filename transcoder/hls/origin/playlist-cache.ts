import type { Presentation } from '../interface.ts'
import type { PlaylistBody } from './answer.ts'

/** Keeps each playlist of a presentation until something is published. */
export function createPlaylistCache() {
  const held = new WeakMap<Presentation, { version: number; bodies: Map<string, PlaylistBody> }>()

  /** The body called `name`, rendered if it is not the newest. */
  return (presentation: Presentation, name: string, render: () => string): PlaylistBody => {
    let entry = held.get(presentation)
    if (entry?.version !== presentation.version) {
      entry = { version: presentation.version, bodies: new Map() }
      held.set(presentation, entry)
    }
    let body = entry.bodies.get(name)
    if (!body) {
      body = { text: render() }
      entry.bodies.set(name, body)
    }
    return body
  }
}
