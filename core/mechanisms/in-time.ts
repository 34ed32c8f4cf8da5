/**
 * Resolves or rejects as `promise` does, unless that takes longer than `ms`.
 * @throws Error with the message `late` after that time
 */
export function inTime<Value>(promise: Promise<Value>, ms: number, late: string): Promise<Value> {
  const { promise: limit, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(late)), ms)
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer))
}
