import type { AccountView } from '../../../core/api/account.ts'
import type { Role } from '../../../core/api/roles.ts'
import type { TestManager } from './test-manager.ts'

export const password = 'a password of the tests'

/** A person who has signed in. `headers` sends their requests from a page of the manager. */
export interface Person {
  id: string
  email: string
  headers: Record<string, string>
}

/** Returns the headers of a page whose browser has got these cookies. */
export function pageHeaders(setCookie: unknown): Record<string, string> {
  const cookies = [setCookie ?? []].flat().map((each) => String(each).split(';', 1)[0])
  return { authorization: '', 'sec-fetch-site': 'same-origin', cookie: cookies.join('; ') }
}

/** Signs in and returns the headers of further requests. */
export async function signIn(manager: TestManager, email: string, secret = password) {
  const { headers } = await manager.post('/v1/sign-in', { email, password: secret }, { authorization: '' })
  return pageHeaders(headers['set-cookie'])
}

/** Creates an account and signs in. `name` becomes part of its e-mail address. */
export async function createPerson(manager: TestManager, role: Role, name: string = role): Promise<Person> {
  const email = `${name}@example.com`
  const { body } = await manager.post<AccountView>('/v1/accounts', { email, name, role, password })
  return { id: body.id, email, headers: await signIn(manager, email) }
}
