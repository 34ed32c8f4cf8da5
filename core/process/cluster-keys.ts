import { hkdfSync } from 'node:crypto'
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { NowcastError } from './errors.ts'
import { replaceFile } from './exclusive-file.ts'
import { clusterSecretFile, edgeSecretFile, readOrMakeSecret } from './secrets.ts'

/** Keys of an edge. They open no stream key, and no session at its ingest. */
export interface EdgeKeys {
  /** Bearer token of edges at origins and at other edges. */
  peerKey: string
  /** Key that signs and verifies playback tokens. */
  tokenKey: string
}

/** Keys of ingests, transcoders and managers. */
export interface ClusterKeys extends EdgeKeys {
  /** Bearer token of transcoders at ingests. */
  sourceKey: string
  /** Name of the instance in stores that several instances may share. It is not secret. */
  storeScope: string
  /** Key that signs the addresses of coach pages. */
  coachKey: string
  /** Secret from which edges derive their keys. */
  edgeSecret: string
  /** Key that is mixed into the passwords of accounts before they are hashed. */
  passwordKey: string
  /** Key that signs the cookies of browsers from which an account has signed in. */
  browserKey: string
}

export interface SecretPlace {
  clusterSecret: string | undefined
  dataDir: string
}

/** Derives a key for one purpose (HKDF-SHA256, RFC 5869). */
const derive = (secret: string, purpose: string) =>
  Buffer.from(hkdfSync('sha256', secret, '', `nowcast ${purpose}`, 32)).toString('base64url')

const deriveEdgeKeys = (edgeSecret: string): EdgeKeys => ({
  peerKey: derive(edgeSecret, 'peers'),
  tokenKey: derive(edgeSecret, 'tokens'),
})

export function deriveClusterKeys(clusterSecret: string): ClusterKeys {
  const edgeSecret = derive(clusterSecret, 'edges')
  return {
    ...deriveEdgeKeys(edgeSecret),
    edgeSecret,
    sourceKey: derive(clusterSecret, 'sources'),
    coachKey: derive(clusterSecret, 'coach'),
    storeScope: derive(clusterSecret, 'stores').slice(0, 16),
    passwordKey: derive(clusterSecret, 'passwords'),
    browserKey: derive(clusterSecret, 'browsers'),
  }
}

/**
 * Returns the cluster secret that is set, or else that of the data dir, which is created.
 * @throws NowcastError `bad_settings` when its file cannot be used
 */
export const openClusterSecret = ({ clusterSecret, dataDir }: SecretPlace): string =>
  clusterSecret ?? readOrMakeSecret(join(dataDir, clusterSecretFile))

/** Returns the keys of ingests, transcoders and managers. Throws as `openClusterSecret`. */
export const openClusterKeys = (place: SecretPlace): ClusterKeys =>
  deriveClusterKeys(openClusterSecret(place))

/**
 * Returns the keys of an edge, from the first of these: its own secret, the cluster secret, the file of the
 * edge secret in the data dir, the file of the cluster secret.
 * @throws NowcastError `bad_settings` when a file cannot be used
 */
export function openEdgeKeys(place: SecretPlace & { edgeSecret: string | undefined }): EdgeKeys {
  if (place.edgeSecret !== undefined) return deriveEdgeKeys(place.edgeSecret)
  const file = join(place.dataDir, edgeSecretFile)
  if (place.clusterSecret !== undefined || !existsSync(file)) return openClusterKeys(place)
  return deriveEdgeKeys(readOrMakeSecret(file))
}

/**
 * Writes the edge secret into the data dir, with mode 0600, for edges here and for operators to copy.
 * @throws NowcastError `bad_settings` when its file cannot be written
 */
export function keepEdgeSecret(dataDir: string, { edgeSecret }: Pick<ClusterKeys, 'edgeSecret'>): void {
  const file = join(dataDir, edgeSecretFile)
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    replaceFile(file, `${edgeSecret}\n`)
  } catch (error) {
    throw new NowcastError('bad_settings', `secret file ${file}: ${(error as Error).message}`)
  }
}
