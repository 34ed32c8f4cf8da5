import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isSessionId } from '../../core/contracts/id-patterns.ts'
import { maxListed, maxObjectBytes, type SegmentStore, StoreError } from './segment-store.ts'
import { parseKey, type StoreKey } from './store-key.ts'

/** What the operator reads for errors of the system; other codes are shown as they are. */
const words: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'files may not become larger',
  EROFS: 'the disk is read-only',
  EACCES: 'access is denied',
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? 'unknown error'
const failure = (code: string) => Object.assign(new Error(code), { code })
const faultOf = (error: unknown) => new StoreError(words[codeOf(error)] ?? codeOf(error))

/**
 * Keeps segments in files below `directory`, one directory for each session. A file gets its name when it is
 * complete. Directories have mode 0700, files 0600.
 */
export function createDiskStore(directory: string): SegmentStore {
  const pathOf = (key: StoreKey) => join(directory, key)
  const folderOf = (sessionId: string) => join(directory, isSessionId(sessionId) ? sessionId : 'none')

  async function write(path: string, pieces: readonly Uint8Array[], signal: AbortSignal): Promise<void> {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writev([...pieces])
      signal.throwIfAborted()
      const { size } = await file.stat()
      if (size !== pieces.reduce((sum, { length }) => sum + length, 0)) throw failure('ENOSPC')
    } finally {
      await file.close()
    }
  }

  async function put(key: StoreKey, pieces: readonly Uint8Array[], signal: AbortSignal): Promise<void> {
    const draft = `${pathOf(key)}.${randomBytes(8).toString('hex')}.new`
    try {
      await write(draft, pieces, signal).catch(async (error) => {
        if (codeOf(error) !== 'ENOENT') throw error
        await mkdir(dirname(draft), { recursive: true, mode: 0o700 })
        await write(draft, pieces, signal)
      })
      await rename(draft, pathOf(key))
    } catch (error) {
      await rm(draft, { force: true }).catch(() => {})
      throw faultOf(error)
    }
  }

  /** Runs `read`. Returns undefined when the file or the directory does not exist. */
  async function unlessMissing<T>(read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read()
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined
      throw faultOf(error)
    }
  }

  const namesIn = async (path: string) =>
    ((await unlessMissing(() => readdir(path))) ?? []).slice(0, maxListed)

  return {
    kind: 'disk',
    put,
    get: (key, signal) =>
      unlessMissing(async () => {
        const { size } = await stat(pathOf(key))
        if (size > maxObjectBytes) throw failure('EFBIG')
        return readFile(pathOf(key), { signal })
      }),
    async remove(key) {
      await unlessMissing(() => rm(pathOf(key)))
    },
    list: async (sessionId) =>
      (await namesIn(folderOf(sessionId))).flatMap((name) => parseKey(`${sessionId}/${name}`) ?? []),
    sessions: async () => (await namesIn(directory)).filter(isSessionId),
    async forget(sessionId) {
      const folder = folderOf(sessionId)
      // What remains is what transcoders did not complete before they were killed.
      for (const name of await namesIn(folder))
        if (name.endsWith('.new')) await unlessMissing(() => rm(join(folder, name)))
      await rmdir(folder).catch(() => {})
    },
  }
}
