import { readFileSync } from 'node:fs'
import { messageOf, NowcastError } from '../../core/process/errors.ts'

/** Where segments are stored (setting NOWCAST_SEGMENT_STORE). */
export type StorePlace =
  | { kind: 'off' }
  /** In the data dir. */
  | { kind: 'disk' }
  /** In a bucket of an object store that has the protocol of S3. `prefix`: empty, or ends with a slash. */
  | { kind: 's3'; bucket: string; prefix: string }

const s3Expression =
  /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:\/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}){0,8})\/?$/

/** Parses the setting; undefined means `disk`. @throws Error that says what is allowed */
export function parseStorePlace(value: string | undefined): StorePlace {
  if (value === undefined || value === 'disk') return { kind: 'disk' }
  if (value === 'off') return { kind: 'off' }
  const [, bucket, folders = ''] = s3Expression.exec(value) ?? []
  if (bucket === undefined) throw new Error('must be disk, off, or s3://bucket or s3://bucket/folder')
  return { kind: 's3', bucket, prefix: folders === '' ? '' : `${folders.slice(1)}/` }
}

/** Settings of an object store. */
export interface S3Settings {
  s3Endpoint: string | undefined
  s3Region: string
  s3AccessKeyId: string | undefined
  s3SecretAccessKey: string | undefined
  s3CredentialsFile: string | undefined
}

export interface S3Access {
  endpoint: string
  region: string
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
}

/**
 * Returns how an object store is reached.
 * @throws NowcastError `bad_settings` without credentials, or when their file cannot be read
 */
export function s3AccessOf(settings: S3Settings): S3Access {
  const { s3Endpoint, s3Region: region, s3AccessKeyId, s3SecretAccessKey, s3CredentialsFile } = settings
  const endpoint = s3Endpoint ?? `https://s3.${region}.amazonaws.com`
  if (s3AccessKeyId !== undefined && s3SecretAccessKey !== undefined)
    return { endpoint, region, accessKeyId: s3AccessKeyId, secretAccessKey: s3SecretAccessKey }
  if (s3CredentialsFile === undefined)
    throw new NowcastError(
      'bad_settings',
      'NOWCAST_SEGMENT_STORE needs NOWCAST_S3_CREDENTIALS_FILE, or NOWCAST_S3_ACCESS_KEY_ID and NOWCAST_S3_SECRET_ACCESS_KEY',
    )
  return { endpoint, region, ...readCredentials(s3CredentialsFile) }
}

/** Reads the first credentials of a file in the format of `~/.aws/credentials`. */
function readCredentials(path: string): Pick<S3Access, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new NowcastError('bad_settings', `NOWCAST_S3_CREDENTIALS_FILE ${path}: ${messageOf(error)}`)
  }
  const read = (name: string) =>
    new RegExp(`^[ \\t]*${name}[ \\t]*=[ \\t]*(\\S+)[ \\t]*$`, 'm').exec(text)?.[1]
  const [accessKeyId, secretAccessKey] = [read('aws_access_key_id'), read('aws_secret_access_key')]
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new NowcastError(
      'bad_settings',
      `NOWCAST_S3_CREDENTIALS_FILE ${path} must have lines with aws_access_key_id = … and aws_secret_access_key = …`,
    )
  const sessionToken = read('aws_session_token')
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) }
}
