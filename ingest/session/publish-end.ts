import type { EndReason } from '../../core/contracts/end-reason.ts'

export type EndListener = (reason: EndReason, detail: string | null) => void

/** The end of a publish, which happens once, with one reason. */
export class PublishEnd {
  readonly #listeners: EndListener[] = []
  #end: { reason: EndReason; detail: string | null } | undefined
  /** Reason for which the publish ends before the next keyframe; undefined when it continues. */
  reasonAtKeyframe: EndReason | undefined

  get hasHappened(): boolean {
    return this.#end !== undefined
  }

  /** Calls the listeners in the order in which they were added. Must be called at most once. */
  happen(reason: EndReason, detail: string | null): void {
    this.#end = { reason, detail }
    for (const listener of this.#listeners) listener(reason, detail)
  }

  /** Calls `listener` when the publish ends, or at once if it has ended. */
  addListener(listener: EndListener): void {
    if (this.#end) listener(this.#end.reason, this.#end.detail)
    else this.#listeners.push(listener)
  }
}
