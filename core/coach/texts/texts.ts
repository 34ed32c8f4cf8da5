import type { IssueCode } from '../issues/issue.ts'

/**
 * Sentences by code: what is wrong, what viewers notice, and what to change. `{measured}` and `{wanted}`
 * become the figures of the issue with their unit.
 */
export type Texts = Record<IssueCode, readonly [problem: string, effect: string, fix: string]>
