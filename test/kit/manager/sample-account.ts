import type { Account } from '../../../manager/store/accounts/accounts.ts'

/** Returns an account whose id and e-mail address are made from its name. `fields` overrides the defaults. */
export function sampleAccount(name: string, fields: Partial<Account> = {}): Account {
  return {
    id: `a_${name}`,
    email: `${name}@example.com`,
    name,
    password: '$argon2id$',
    role: 'streamer',
    disabled: false,
    totp: null,
    createdAt: 1000,
    updatedAt: 1000,
    ...fields,
  }
}
