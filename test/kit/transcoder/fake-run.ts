import { newSessionId } from '../../../core/contracts/ids.ts'
import type { Source } from '../../../core/media/source.ts'
import type { Mark, SourceView } from '../../../transcoder/flv/start-filter.ts'
import { planTranscode } from '../../../transcoder/plan/plan.ts'
import type { KnownSession } from '../../../transcoder/session/followed-session.ts'
import type { RunEnd, TranscodeRun } from '../../../transcoder/session/transcode-run.ts'

/** For unit tests: a browser-friendly source of 720p30 without audio. */
export const videoSource: Source = {
  video: {
    codec: 'h264',
    codecString: null,
    width: 1280,
    height: 720,
    fps: 30,
    isBrowserFriendly: true,
    gopMs: null,
    bitrate: 3_000_000,
  },
  audio: null,
  bitrate: 3_000_000,
  jitterMs: 0,
}

export const autoLadder = { kind: 'auto' } as const

/** For unit tests: a session with `videoSource`. */
export const knownSession = (fields: Partial<KnownSession> = {}): KnownSession => ({
  sessionId: newSessionId(),
  channelId: 'c_demo',
  slug: 'demo',
  latency: 'low',
  startedAt: 0,
  ingest: { instance: 'i_test', flvUrl: 'http://127.0.0.1:1' },
  publisher: { address: '127.0.0.1', software: null },
  source: videoSource,
  expectedGopMs: null,
  ...fields,
})

/** For unit tests: a run without ffmpeg, whose output and end the test decides. */
export function fakeRun(epoch: number, source: Partial<SourceView> = {}) {
  const { promise: ended, resolve: end } = Promise.withResolvers<RunEnd>()
  const cuts: Mark[] = []
  let write: (rendition: string, chunk: Buffer) => void = () => {}
  const run: TranscodeRun = {
    epoch,
    plan: planTranscode(videoSource, { ladder: autoLadder, followsSource: true }),
    pid: undefined,
    flvUrl: 'http://127.0.0.1:1',
    source: {
      newestMs: 0,
      keyframeMs: 0,
      compositionMs: 0,
      longestGopMs: 0,
      hasAudio: false,
      ...source,
    },
    cutAt: (mark) => void cuts.push(mark),
    open(onOutput) {
      write = onOutput
    },
    finish: () => end({ kind: 'source_ended' }),
    giveWay: () => end({ kind: 'late' }),
    stop: () => end({ kind: 'stopped' }),
    fail: (detail) => end({ kind: 'failed', detail }),
    ended,
  }
  return {
    run,
    /** Ends the run in the way that the test chooses. */
    end,
    /** Marks at which the run was asked to end. */
    cuts,
    /** The test writes output here in place of ffmpeg; the run passes it to the `onOutput` of `open`. */
    sink: { write: (rendition: string, chunk: Buffer) => write(rendition, chunk), end() {} },
  }
}
