import type { Poll } from '../../core/mechanisms/poll.ts'
import type { Log } from '../../core/process/log.ts'
import { idleMs, maxAgeMs } from '../access/authentication.ts'
import { createSweep } from '../retention/sweep.ts'
import type { ApiTokenStore } from '../store/accounts/api-tokens.ts'
import type { AuditStore } from '../store/accounts/audit.ts'
import type { SignInStore } from '../store/accounts/sign-ins.ts'

export interface AccountSweepDependencies {
  signIns: Pick<SignInStore, 'removeOld'>
  apiTokens: Pick<ApiTokenStore, 'removeOld'>
  audit: Pick<AuditStore, 'removeBefore' | 'removeBeyond'>
  log: Log
}

const dayMs = 24 * 3_600_000
/** Time for which the audit log is kept, ms, and its maximum number of lines. */
const auditMs = 365 * dayMs
const maxAuditLines = 1_000_000
/** Time for which a token that no longer works is listed, ms. */
const endedTokenMs = 30 * dayMs
/** Maximum number of lines that one transaction removes. Other writers wait for it. */
const batch = 500

/** Starts to remove sign-ins and tokens that have ended, and old lines of the audit log, in small batches. */
export const createAccountSweep = ({ log, ...stores }: AccountSweepDependencies): Poll =>
  createSweep('audit lines', (now) => sweepOnce(stores, now), log)

/** Removes what has ended, and one batch of lines by age and one by number. Returns the number of lines. */
async function sweepOnce({ signIns, apiTokens, audit }: Omit<AccountSweepDependencies, 'log'>, now: number) {
  await signIns.removeOld(now - idleMs, now - maxAgeMs)
  await apiTokens.removeOld(now - endedTokenMs)
  const old = await audit.removeBefore(now - auditMs, batch)
  return old + (await audit.removeBeyond(maxAuditLines, batch))
}
