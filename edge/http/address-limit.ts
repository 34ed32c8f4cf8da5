export type AddressLimit = ReturnType<typeof createAddressLimit>

/** Counts the connections of each address; 0 as the limit is none. */
export function createAddressLimit(limit: number) {
  const counts = new Map<string, number>()
  return {
    /** Takes a place, or says that the address has all of its own. */
    enter(address: string): boolean {
      const count = counts.get(address) ?? 0
      if (limit > 0 && count >= limit) return false
      counts.set(address, count + 1)
      return true
    },
    leave(address: string): void {
      const count = (counts.get(address) ?? 1) - 1
      if (count > 0) counts.set(address, count)
      else counts.delete(address)
    },
    get addresses() {
      return counts.size
    },
  }
}
