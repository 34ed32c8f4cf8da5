import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { newLinkId } from '../../core/contracts/ids.ts'
import { replaceFile } from '../../core/process/exclusive-file.ts'
import type { Log } from '../../core/process/log.ts'
import { firstAccountFile } from '../../core/process/secrets.ts'
import { hashSecret } from '../access/api-token-form.ts'
import type { PublicUrls } from '../http/public-urls.ts'
import type { AccountStore } from '../store/accounts/accounts.ts'
import type { LinkStore } from '../store/accounts/one-time-links.ts'
import { newSecret } from './sign-in-service.ts'

export interface FirstAccountDependencies {
  accounts: Pick<AccountStore, 'count'>
  links: Pick<LinkStore, 'add' | 'bySecret'>
  urls: Pick<PublicUrls, 'join'>
  dataDir: string
  log: Log
}

/** Time for which the link works, ms. A start after that writes a new one. */
const validMs = 30 * 24 * 3_600_000
/** Maximum number of unused links, beyond which none is added. */
const maxLinks = 2000

/**
 * While there is no account, keeps a one-time link that creates the first one, an owner, in a file of the
 * data dir with mode 0600. A link that still works stays, so that it is the same after a restart.
 */
export async function offerFirstAccount(dependencies: FirstAccountDependencies): Promise<void> {
  const { accounts, links, urls, dataDir, log } = dependencies
  if ((await accounts.count()) > 0) return withdrawFirstAccount(dataDir)
  const file = join(dataDir, firstAccountFile)
  const now = Date.now()
  const known = tokenIn(file)
  if (known !== undefined && (await links.bySecret(hashSecret(known), now)) !== undefined)
    return replaceFile(file, `${urls.join(known, undefined)}\n`)
  const token = newSecret()
  const link = {
    id: newLinkId(),
    purpose: 'owner',
    accountId: null,
    role: 'owner',
    channels: null,
    note: '',
    createdAt: now,
    expiresAt: now + validMs,
  } as const
  if (!(await links.add(link, hashSecret(token), maxLinks))) return
  replaceFile(file, `${urls.join(token, undefined)}\n`)
  log.info({ file }, 'there is no account yet; the file has the link to create the first one')
}

/** Removes the file, because there is an account. */
export function withdrawFirstAccount(dataDir: string): void {
  rmSync(join(dataDir, firstAccountFile), { force: true })
}

/** Returns the token of the link in the file. */
function tokenIn(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim().split('#', 2)[1]
  } catch {
    return undefined
  }
}
