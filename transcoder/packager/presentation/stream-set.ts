import { type AdoptedMedia, createAdoptions } from '../window/adopted-media.ts'
import type { RenditionPlan, RenditionStreamOptions } from '../window/rendition-options.ts'
import { RenditionStream } from '../window/rendition-stream.ts'

export interface StreamSetOptions extends Omit<RenditionStreamOptions, 'plan' | 'adopted'> {
  /** What another transcoder published, by the name of the rendition. */
  adopted: ReadonlyMap<string, AdoptedMedia>
}

export type StreamSet = ReturnType<typeof createStreamSet>

/**
 * Creates the set of renditions of a presentation. Segments with the same media sequence number cover the
 * same time in all renditions.
 */
export function createStreamSet(options: StreamSetOptions) {
  const byName = new Map<string, RenditionStream>()
  const adoptions = createAdoptions(options.adopted)
  const all = () => [...byName.values()]

  /** Returns the discontinuity sequence that a segment after all segments of the rendition would have. */
  function discontinuityAfter({ window, open }: RenditionStream): number {
    const segments = open ? [...window.listed, open] : window.listed
    return window.discontinuitySequence + segments.filter((segment) => segment.hasDiscontinuity).length
  }

  /**
   * Whether a dropped rendition lacks segments that have left all windows. They cannot be replaced by gaps of
   * the same length and with the same discontinuities, so the rendition starts empty when it returns.
   */
  function hasBeenAwayTooLong(stream: RenditionStream): boolean {
    if (!stream.isDropped || stream.nextMsn >= set.nextMsn) return false
    return all().every(({ window }) => window.find(stream.nextMsn) === undefined)
  }

  const set = {
    byName: byName as ReadonlyMap<string, RenditionStream>,

    /** Media sequence number of the next segment to be completed, in the rendition that is furthest ahead. */
    get nextMsn(): number {
      return Math.max(options.startMsn, ...all().map((stream) => stream.nextMsn))
    },

    /** Lowest media sequence number above those of all complete and open segments of all renditions. */
    get firstFreeMsn(): number {
      return Math.max(set.nextMsn, ...all().flatMap(({ open }) => (open ? open.msn + 1 : [])))
    },

    /** Discontinuity sequence with which another transcoder would continue. */
    get discontinuity(): number {
      return Math.max(options.startDiscontinuity, ...all().map(discontinuityAfter))
    },

    /** Which renditions have media. `each kind`: at least one video and one audio, as far as both exist. */
    get playable(): 'all' | 'each kind' | 'no' {
      if (all().every((stream) => stream.isPlayable)) return 'all'
      const kinds = new Set(all().map(({ plan }) => plan.kind))
      const isPlayable = (kind: RenditionPlan['kind']) =>
        all().some((stream) => stream.plan.kind === kind && stream.isPlayable)
      return [...kinds].every(isPlayable) ? 'each kind' : 'no'
    },

    /**
     * Adds a rendition, unless its name exists already. Its media sequence numbers and discontinuity sequence
     * continue those of the others.
     */
    add(plan: RenditionPlan): void {
      if (byName.has(plan.name)) return
      const place = { startMsn: set.nextMsn, startDiscontinuity: set.discontinuity }
      const adopted = adoptions.take(plan.name)
      byName.set(plan.name, new RenditionStream({ ...options, ...place, adopted, plan }))
    },

    /**
     * Adds the renditions whose names are new, and drops those whose names are missing. From now on they are
     * in the order of `plans`, the dropped ones last.
     */
    set(plans: readonly RenditionPlan[]): void {
      const names = new Set(plans.map(({ name }) => name))
      for (const [name, stream] of byName) {
        if (!names.has(name) || !hasBeenAwayTooLong(stream)) continue
        byName.delete(name)
        for (const segment of stream.window.segments()) options.onForgotten(stream.plan, segment)
      }
      plans.forEach(set.add)
      adoptions.drop()
      const ordered = [...names].flatMap((name) => byName.get(name) ?? [])
      const dropped = all().filter(({ plan }) => !names.has(plan.name))
      byName.clear()
      for (const stream of [...ordered, ...dropped]) byName.set(stream.plan.name, stream)
      for (const stream of all()) stream.setDropped(!names.has(stream.plan.name))
    },
  }
  return set
}
