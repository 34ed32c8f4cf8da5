import { integer, oneOf, type Parse, port, readSettings, text } from '../core/process/settings.ts'
import { sharedSettings } from '../core/process/shared-settings.ts'
import { x264Presets } from './encoder/ffmpeg-job.ts'
import { type Ladder, parseLadder } from './plan/ladder.ts'

const ladder: { variable: string; read: Parse<Ladder> } = { variable: 'NOWCAST_LADDER', read: parseLadder }

const shape = {
  ...sharedSettings,
  /** Part length of channels with latency `low`, ms. */
  partMs: integer('NOWCAST_PART_MS', 333, 50, 2000),
  /** Segment length, ms. */
  segmentMs: integer('NOWCAST_SEGMENT_MS', 2000, 1000, 10_000),
  ladder,
  /** ffmpeg, as a name on the PATH or as a path. */
  ffmpegPath: text('NOWCAST_FFMPEG', 'ffmpeg'),
  preset: oneOf('NOWCAST_X264_PRESET', x264Presets, 'veryfast'),
  /** Port of origin, health and metrics; 0: any free port. */
  httpPort: port('NOWCAST_TRANSCODER_HTTP_PORT', 0),
  /** Maximum number of sessions that are transcoded at the same time. */
  sessions: integer('NOWCAST_TRANSCODER_SESSIONS', 8, 1, 1000),
}

export type TranscoderSettings = ReturnType<typeof readTranscoderSettings>

/** Reads the settings of a transcoder process. @throws NowcastError `bad_settings`. */
export function readTranscoderSettings(environment: NodeJS.ProcessEnv = process.env) {
  return readSettings(shape, environment)
}
