import {
  type RenditionPlan,
  RenditionStream,
  type RenditionStreamOptions,
} from '../window/rendition-stream.ts'

export type StreamSetOptions = Omit<RenditionStreamOptions, 'plan'>

export type StreamSet = ReturnType<typeof createStreamSet>

/** The renditions of a presentation, whose media sequence numbers stay aligned. */
export function createStreamSet(options: StreamSetOptions) {
  const byName = new Map<string, RenditionStream>()
  const all = () => [...byName.values()]

  /** Returns the discontinuity sequence after all media of a rendition. */
  function discontinuityAfter({ window, open }: RenditionStream): number {
    const segments = open ? [...window.listed, open] : window.listed
    return window.discontinuitySequence + segments.filter((segment) => segment.hasDiscontinuity).length
  }

  const set = {
    byName: byName as ReadonlyMap<string, RenditionStream>,

    /** MSN of the next segment to be completed. */
    get nextMsn(): number {
      return Math.max(options.startMsn, ...all().map((stream) => stream.nextMsn))
    },

    /** MSN of the first segment that no rendition has begun. */
    get firstFreeMsn(): number {
      return Math.max(set.nextMsn, ...all().flatMap(({ open }) => (open ? open.msn + 1 : [])))
    },

    /** Discontinuity sequence with which another presentation would continue. */
    get discontinuity(): number {
      const [first] = byName.values()
      return first ? discontinuityAfter(first) : options.startDiscontinuity
    },

    /** Whether all renditions, or at least one of each kind, can be played. */
    get playable(): 'all' | 'each kind' | 'no' {
      if (all().every((stream) => stream.isPlayable)) return 'all'
      const kinds = new Set(all().map(({ plan }) => plan.kind))
      const isPlayable = (kind: RenditionPlan['kind']) =>
        all().some((stream) => stream.plan.kind === kind && stream.isPlayable)
      return [...kinds].every(isPlayable) ? 'each kind' : 'no'
    },

    /** Adds a rendition, unless there is one of its name. Its media begins now. */
    add(plan: RenditionPlan): void {
      if (byName.has(plan.name)) return
      const place = { startMsn: set.nextMsn, startDiscontinuity: set.discontinuity }
      byName.set(plan.name, new RenditionStream({ ...options, ...place, plan }))
    },
  }
  return set
}
