/** Pattern of a slug: 1 to 63 characters of a–z, 0–9 and inner dashes. */
export const slugPattern = '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$'

/** Pattern of a session id: `s_` and 128 bits in base64url. */
export const sessionIdPattern = '^s_[A-Za-z0-9_-]{22}$'

const slugExpression = new RegExp(slugPattern)
const sessionExpression = new RegExp(sessionIdPattern)

export const isSlug = (value: string) => slugExpression.test(value)
export const isSessionId = (value: string) => sessionExpression.test(value)
