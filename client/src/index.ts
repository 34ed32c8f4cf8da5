export * from './client.ts'
export type * from './generated.ts'
export { type Problem, ProblemError } from './problem-error.ts'
export type { RetryOptions } from './retries.ts'
