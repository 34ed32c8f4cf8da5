import { seconds, tag, word } from './tag.ts'

/**
 * EXT-X-SERVER-CONTROL (RFC 8216bis 4.4.3.8); the same in every media playlist of a presentation.
 * `partTargetMs` null: no parts.
 */
export function serverControl(targetDuration: number, partTargetMs: number | null): string {
  return tag('EXT-X-SERVER-CONTROL', {
    'CAN-BLOCK-RELOAD': word('YES'),
    // "The Skip Boundary MUST be at least six times the Target Duration."
    'CAN-SKIP-UNTIL': skipBoundaryMs(targetDuration) / 1000,
    // "Its value MUST be at least three times the Target Duration."
    'HOLD-BACK': 3 * targetDuration,
    // "Its value MUST be at least twice the Part Target Duration. Its value SHOULD be at least three times the Part Target Duration."
    // The authoring specification for Apple devices turns that SHOULD into a MUST.
    'PART-HOLD-BACK': partTargetMs === null ? undefined : seconds(3 * partTargetMs),
  })
}

/** Segments further than this from the end of the last segment are left out of delta updates, ms. */
export const skipBoundaryMs = (targetDuration: number) => 6 * targetDuration * 1000
