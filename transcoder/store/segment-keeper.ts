import {
  type AdoptedMedia,
  mediaOf,
  type Presentation,
  type RenditionPlan,
  type RenditionStream,
  type Segment,
  sizeOf,
} from '../packager/packager.ts'
import { createIndexWriter } from './index-writer.ts'
import { type IndexedRendition, type IndexedRenditions, indexedParts, writeIndex } from './session-index.ts'
import { indexKey, type StoreKey, segmentKey } from './store-key.ts'
import type { UploadQueue } from './upload-queue.ts'

export interface SegmentKeeperOptions {
  sessionId: string
  /** The transcoder that writes the index. */
  instance: string
  queue: Pick<UploadQueue, 'add' | 'drop'>
  /** Removes objects, sooner or later. */
  remove(keys: readonly StoreKey[]): void
  /** Called when the index is stored for the first time. */
  onIndexed(): void
}

export type SegmentKeeper = ReturnType<typeof createSegmentKeeper>

/**
 * Stores the segments of a presentation and an index of them, which lists only what is stored, and removes
 * them when they have left the window.
 */
export function createSegmentKeeper(options: SegmentKeeperOptions) {
  const { sessionId, queue } = options
  /** Segments of this transcoder that are stored. */
  const stored = new WeakSet<Segment>()
  const uploads = new Set<StoreKey>()
  const waiting: (() => void)[] = []
  const departed = createDeparted(options)
  let presentation: Presentation | undefined
  let isClosed = false

  const index = createIndexWriter({
    key: indexKey(sessionId, options.instance),
    queue,
    render() {
      departed.rendered()
      return writeIndex(presentation ? renditionsOf(presentation.streams, stored) : {})
    },
    onStored: departed.indexed,
    onIdle: settleIfIdle,
  })

  const keyOf = ({ name }: RenditionPlan, { epoch, msn }: Segment) =>
    segmentKey(sessionId, { rendition: name, epoch, msn })

  function onSegment(rendition: RenditionPlan, segment: Segment): void {
    if (isClosed) return
    const key = keyOf(rendition, segment)
    segment.memory.hold()
    uploads.add(key)
    queue.add({
      key,
      bytes: sizeOf(segment),
      pieces: () => mediaOf(segment),
      onEnd(isStored) {
        segment.memory.release()
        if (isStored) stored.add(segment)
        const isForgotten = !uploads.delete(key)
        if (isStored && isForgotten) departed.add(key)
        index.changed()
        settleIfIdle()
      },
    })
  }

  function onForgotten(rendition: RenditionPlan, segment: Segment): void {
    const key = keyOf(rendition, segment)
    if (uploads.delete(key)) queue.drop(key)
    if (stored.has(segment) || segment.stored) departed.add(key)
  }

  function settleIfIdle(): void {
    if (!isClosed && !(index.isIdle && uploads.size === 0)) return
    for (const resolve of waiting.splice(0)) resolve()
  }

  return {
    /** Functions that the presentation calls. */
    events: { onSegment, onForgotten },
    /** Sets the presentation, of which the index lists the segments. Must be called before it has media. */
    begin(of: Presentation): void {
      presentation = of
    },
    /** Writes an index, which lists what the presentation has adopted. */
    changed: index.changed,
    /** Resolves when all complete segments and the index are stored, or given up. */
    async stored(): Promise<void> {
      const idle = new Promise<void>((resolve) => waiting.push(resolve))
      settleIfIdle()
      await idle
    },
    /** Stores nothing more. What is stored remains. */
    close(): void {
      isClosed = true
      index.close()
      for (const key of uploads) queue.drop(key)
      settleIfIdle()
    },
  }
}

/** Keeps the keys of segments that have left the window. They are removed when no index lists them. */
function createDeparted({ remove, onIndexed }: Pick<SegmentKeeperOptions, 'remove' | 'onIndexed'>) {
  let unlisted: StoreKey[] = []
  let removable: StoreKey[] = []
  let isIndexed = false
  return {
    add: (key: StoreKey) => void unlisted.push(key),
    /** To be called when an index is made, which lists none of them. */
    rendered(): void {
      removable = [...removable, ...unlisted]
      unlisted = []
    },
    /** To be called when that index is stored. */
    indexed(): void {
      remove(removable)
      removable = []
      if (!isIndexed) onIndexed()
      isIndexed = true
    },
  }
}

function renditionsOf(streams: Presentation['streams'], stored: WeakSet<Segment>): IndexedRenditions {
  const renditions: IndexedRenditions = {}
  for (const [name, stream] of streams) {
    const { listed, discontinuitySequence } = stream.window
    const playlist = stream.adopted ?? { segments: listed, discontinuitySequence }
    const indexed = indexedOf(stream, playlist, stored)
    if (indexed.segments.length > 0) renditions[name] = indexed
  }
  return renditions
}

function indexedOf(
  stream: RenditionStream,
  playlist: Pick<AdoptedMedia, 'segments' | 'discontinuitySequence'>,
  stored: WeakSet<Segment>,
): IndexedRendition {
  const inits: Record<string, string> = {}
  const segments = playlist.segments.map((segment) => {
    const { msn, epoch, startMs, date, durationMs, hasDiscontinuity, isGap } = segment
    const init = stream.init(epoch)
    const isStored = !isGap && init !== undefined && (segment.stored !== undefined || stored.has(segment))
    if (isStored) inits[epoch] ??= init.toString('base64')
    const bytes = isStored ? sizeOf(segment) : undefined
    const parts = isStored && segment.parts.length > 0 ? { parts: indexedParts(segment) } : {}
    return { msn, epoch, startMs, date, durationMs, hasDiscontinuity, bytes, ...parts }
  })
  return { discontinuitySequence: playlist.discontinuitySequence, inits, segments }
}
