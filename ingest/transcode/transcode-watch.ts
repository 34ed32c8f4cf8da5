import { createPoll } from '../../core/mechanisms/poll.ts'
import type { TranscodeRequest } from './transcode-request.ts'

/** A session whose transcode is watched. */
interface WatchedSession {
  readonly at: string
  readonly session: { readonly subscriberCount: number }
  readonly transcode: Pick<TranscodeRequest, 'look' | 'passOn'>
}

interface WatchedSessions {
  present(): readonly WatchedSession[]
  find(sessionId: string): WatchedSession | undefined
}

/** Interval of the check that transcoders still write the origins of the sessions, ms. */
const lookEveryMs = 250
/** Time after the end of a pull within which a transcoder that lives pulls again, ms. */
const repullMs = 400

/**
 * Finds transcoders that have died or are frozen, so that another one gets their sessions before the lock of
 * the job lapses.
 */
export function watchTranscodes({ present, find }: WatchedSessions) {
  const looks = createPoll(() => Promise.all(present().map(({ transcode }) => transcode.look())), {
    everyMs: lookEveryMs,
  })

  function passOnIfUnread(watched: WatchedSession | undefined) {
    if (watched?.at === 'publishing' && watched.session.subscriberCount === 0) void watched.transcode.passOn()
  }

  return {
    /** Must be called when a pull of a session has ended. */
    pullLost: (sessionId: string) => void setTimeout(() => passOnIfUnread(find(sessionId)), repullMs).unref(),
    close: (): Promise<void> => looks.close(),
  }
}
