import type { NewTotpView, RecoveryCodesView } from '../../core/api/account.ts'
import type { Log } from '../../core/process/log.ts'
import { hashSecret } from '../access/api-token-form.ts'
import type { Principal } from '../access/principal.ts'
import type { KeySeal } from '../channels/key-seal.ts'
import { Problem } from '../http/problem.ts'
import type { Account, AccountStore } from '../store/accounts/accounts.ts'
import { findAccount } from './account-view.ts'
import { newRecoveryCodes, newTotpSecret, stepOfCode, totpUri } from './totp.ts'

export interface SecondFactorDependencies {
  accounts: Pick<AccountStore, 'byId' | 'update' | 'useTotpStep' | 'useRecoveryCode'>
  seal: KeySeal
  log: Log
}

export type SecondFactor = ReturnType<typeof createSecondFactor>

/**
 * Creates the operations of codes from an authenticator app (TOTP, RFC 6238), and of recovery codes, each of
 * which replaces one. Secrets are sealed in the store; of recovery codes it has the hashes.
 */
export function createSecondFactor({ accounts, seal, log }: SecondFactorDependencies) {
  const sealedFor = (accountId: string) => `totp ${accountId}`

  return {
    /** Returns a new secret. It is not stored before `enable`. */
    async offer({ accountId }: Principal): Promise<NewTotpView> {
      const { email } = await findAccount(accounts, accountId ?? '')
      const secret = newTotpSecret()
      return { secret, uri: totpUri(secret, email) }
    },

    /**
     * Makes codes of a secret necessary to sign in. Returns new recovery codes.
     * @throws Problem `wrong_code` when the code is not one of the secret
     */
    async enable({ accountId }: Principal, secret: string, code: string): Promise<RecoveryCodesView> {
      const { id } = await findAccount(accounts, accountId ?? '')
      const now = Date.now()
      const step = stepOfCode(secret, code, now, 0)
      if (step === undefined) throw wrongCode()
      const recoveryCodes = newRecoveryCodes()
      const totp = { sealed: seal.seal(secret, sealedFor(id)), step, recovery: recoveryCodes.map(hashSecret) }
      await accounts.update(id, { totp }, now)
      log.info({ accountId: id }, 'second factor enabled')
      return { recoveryCodes }
    },

    /** Makes codes unnecessary. @throws Problem `account_not_found` */
    async disable(accountId: string): Promise<void> {
      const { id } = await findAccount(accounts, accountId)
      await accounts.update(id, { totp: null }, Date.now())
      log.info({ accountId: id }, 'second factor disabled')
    },

    /**
     * Checks the code of an account whose password was right, and uses it up.
     * @throws Problem `second_factor_required` when a code is necessary and missing, `wrong_code`
     */
    async check({ id, totp }: Account, code: string | undefined): Promise<void> {
      if (totp === null) return
      if (code === undefined)
        throw new Problem('second_factor_required', 'Enter the code of your authenticator app')
      const text = code.replaceAll(' ', '').toLowerCase()
      const secret = seal.open(totp.sealed, sealedFor(id))
      const step = stepOfCode(secret, text, Date.now(), totp.step)
      if (step !== undefined && (await accounts.useTotpStep(id, step))) return
      if (await accounts.useRecoveryCode(id, totp.recovery, hashSecret(text))) return
      throw wrongCode()
    },
  }
}

const wrongCode = () => new Problem('wrong_code', 'The code is wrong, or was used already')
