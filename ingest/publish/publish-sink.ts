import type { EndReason } from '../../core/contracts/end-reason.ts'
import type { Refusal } from './refusal.ts'

/** What a publisher shows when it wants to publish. */
export interface PublishRequest {
  streamKey: string
  /** Its IP address. */
  address: string
  /** What it calls itself (`flashVer`). */
  software: string | null
}

/** A session as its publisher's connection sees it. */
export interface PublishTarget {
  /** A message of audio (8), video (9) or data (18); the tag's header is not written yet. `now` is ms of a steady clock. */
  receive(type: number, timestamp: number, tag: Buffer, now: number): void
  /** All messages of one read are in: readers may have them. */
  flush(): void
  /** Ends the session; the first cause wins. */
  end(reason: EndReason, detail?: string): void
  /** Calls back once, when the session has ended for whatever reason. */
  onEnd(listener: (reason: EndReason, detail: string | null) => void): void
}

/** Decides who may publish. Never rejects. */
export interface PublishAuthority {
  admit(request: PublishRequest): Promise<{ session: PublishTarget } | { refusal: Refusal }>
}
