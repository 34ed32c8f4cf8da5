import { createHash } from 'node:crypto'
import { presentRoles } from '../../core/contracts/presence.ts'
import { maxSlateBytes, slateMediaTypes, slatePath } from '../../core/contracts/slate-file.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Redis } from '../../core/process/redis.ts'
import type { SlateFile } from './slate-media.ts'

/** Maximum time of one request, ms. */
const timeoutMs = 10_000

export type SlateDownload = (sha256: string) => Promise<SlateFile>

/**
 * Creates a function that downloads a slate from one of the present managers. It rejects when none has it.
 */
export function createSlateDownload(redis: Redis, sourceKey: string): SlateDownload {
  async function from(url: string, sha256: string): Promise<SlateFile> {
    const response = await fetch(url + slatePath(sha256), {
      headers: { authorization: `Bearer ${sourceKey}` },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const length = Number(response.headers.get('content-length') ?? Number.NaN)
    if (response.ok && length <= maxSlateBytes) {
      const content = Buffer.from(await response.arrayBuffer())
      const mediaType = slateMediaTypes.find((each) => each === response.headers.get('content-type'))
      const isWhole = createHash('sha256').update(content).digest('hex') === sha256
      if (isWhole && mediaType !== undefined) return { mediaType, content }
      throw new Error(isWhole ? 'its media type is unknown' : 'its content has another hash')
    }
    await response.body?.cancel()
    throw new Error(response.ok ? `its size is ${length} bytes` : `the manager responded ${response.status}`)
  }

  return async (sha256) => {
    const managers = (await presentRoles(redis)).filter(({ role }) => role === 'manager')
    const failures: string[] = []
    for (const { url } of managers)
      try {
        return await from(url, sha256)
      } catch (error) {
        failures.push(messageOf(error))
      }
    throw new Error(failures.length > 0 ? failures.join(', ') : 'no manager is present')
  }
}
