const key = 'nowcast-admin-token'

/** The admin token, kept for this tab only; storage may be forbidden, then for this page only. */
export function createTokenKeeper(storage: () => Storage = () => sessionStorage) {
  let held: string | undefined
  return {
    read(): string | undefined {
      try {
        return storage().getItem(key) ?? held
      } catch {
        return held
      }
    },
    keep(token: string | undefined) {
      held = token
      try {
        if (token === undefined) storage().removeItem(key)
        else storage().setItem(key, token)
      } catch {}
    },
  }
}
