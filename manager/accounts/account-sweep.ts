import { createPoll, type Poll } from '../../core/mechanisms/poll.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import { idleMs, maxAgeMs } from '../access/authentication.ts'
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
const everyMs = 10 * 60_000
const pauseMs = 200

/** Starts to remove sign-ins and tokens that have ended, and old lines of the audit log, in small batches. */
export function createAccountSweep({ signIns, apiTokens, audit, log }: AccountSweepDependencies): Poll {
  const poll: Poll = createPoll(
    async () => {
      try {
        const now = Date.now()
        await signIns.removeOld(now - idleMs, now - maxAgeMs)
        await apiTokens.removeOld(now - endedTokenMs)
        const old = await audit.removeBefore(now - auditMs, batch)
        const excess = await audit.removeBeyond(maxAuditLines, batch)
        if (old + excess > 0) poll.soon()
      } catch (error) {
        log.warn({ err: messageOf(error) }, 'accounts not swept')
      }
    },
    { everyMs, gapMs: pauseMs },
  )
  return poll
}
