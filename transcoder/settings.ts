import { messageOf } from '../core/process/errors.ts'
import { httpUrl, integer, oneOf, type Parse, port, readSettings, text } from '../core/process/settings.ts'
import { sharedSettings } from '../core/process/shared-settings.ts'
import { programEnvironment } from '../core/programs/environment.mjs'
import { x264Presets } from './encoder/ffmpeg-job.ts'
import { type Ladder, parseLadder } from './plan/ladder.ts'
import { parseStorePlace, type StorePlace } from './store/store-place.ts'

const ladder: { variable: string; read: Parse<Ladder> } = { variable: 'NOWCAST_LADDER', read: parseLadder }

const segmentStore: { variable: string; read: Parse<StorePlace> } = {
  variable: 'NOWCAST_SEGMENT_STORE',
  read: parseStorePlace,
}

const capacity = integer('NOWCAST_TRANSCODER_CAPACITY', 0, 0, 1_000_000)

/** @throws Error that says what is allowed */
function readCapacity(value: string | undefined): number | 'measure' {
  if (value === 'measure') return value
  try {
    return capacity.read(value)
  } catch (error) {
    throw new Error(`${messageOf(error)}, or measure`)
  }
}

const shape = {
  ...sharedSettings,
  /** Wanted part length for the latency class `low`, ms. For `ultra` it is the same, but at most 100. */
  partMs: integer('NOWCAST_PART_MS', 333, 50, 2000),
  /** Wanted segment length, ms. A segment can be shorter or longer, because it begins at a keyframe. */
  segmentMs: integer('NOWCAST_SEGMENT_MS', 2000, 1000, 10_000),
  ladder,
  /** Name of ffmpeg on the PATH, or its path. */
  ffmpegPath: text('NOWCAST_FFMPEG', 'ffmpeg'),
  /** Maximum memory of one ffmpeg, MB of address space. */
  ffmpegMemoryMb: integer('NOWCAST_FFMPEG_MEMORY_MB', 8192, 256, 1_048_576),
  preset: oneOf('NOWCAST_X264_PRESET', x264Presets, 'veryfast'),
  /** Port of origin, health and metrics. 0 chooses a free one. */
  httpPort: port('NOWCAST_TRANSCODER_HTTP_PORT', 0),
  /** Time between two pictures of a session, s; 0: there are none. */
  pictureSeconds: integer('NOWCAST_PICTURE_SECONDS', 5, 0, 3600),
  /** Maximum number of sessions that are transcoded at a time, apart from those that wait for publishers. */
  sessions: integer('NOWCAST_TRANSCODER_SESSIONS', 8, 1, 1000),
  /** Maximum time that a drain waits for other transcoders to take the sessions, s; 0: no drain. */
  drainSeconds: integer('NOWCAST_TRANSCODER_DRAIN_SECONDS', 25, 0, 3600),
  /** Pixels of all encoded renditions per second, in millions; 0: no limit. `measure`: what is measured. */
  capacity: { variable: capacity.variable, read: readCapacity },
  segmentStore,
  /** URL of the object store; by default that of AWS in the region. */
  s3Endpoint: httpUrl('NOWCAST_S3_ENDPOINT'),
  s3Region: text('NOWCAST_S3_REGION', 'us-east-1'),
  s3AccessKeyId: text('NOWCAST_S3_ACCESS_KEY_ID'),
  s3SecretAccessKey: text('NOWCAST_S3_SECRET_ACCESS_KEY'),
  /** File with both, in place of them. */
  s3CredentialsFile: text('NOWCAST_S3_CREDENTIALS_FILE'),
}

export type TranscoderSettings = ReturnType<typeof readTranscoderSettings>

export function readTranscoderSettings(environment: NodeJS.ProcessEnv = process.env) {
  return { ...readSettings(shape, environment), ffmpegEnvironment: programEnvironment(environment) }
}
