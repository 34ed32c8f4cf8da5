import { isTest, type TreeRule } from './boundary-rules.ts'

/**
 * Modifiers with which tests do not run, or must fail. Chains such as `test.concurrent.skip` are found too:
 * they have the member `concurrent.skip`.
 */
const partial = /^(?:describe|it|test|suite|concurrent|sequential)\.(?:only|skip|todo|fails|skipIf|runIf)$/

export const wholeTests: TreeRule = (files) =>
  files.flatMap(({ path, members }) =>
    members.filter((member) => partial.test(member)).map((member) => `${path} has ${member}`),
  )

/** Finds tests that are declared with `it` instead of `test`, and each `describe` in another `describe`. */
export const testForms: TreeRule = (files) =>
  files
    .filter(({ path }) => isTest(path))
    .flatMap(({ path, functions }) => {
      const groups = functions.filter(({ argumentOf }) => argumentOf === 'describe')
      const nested = groups.filter((inner) =>
        groups.some(
          (outer) =>
            outer !== inner && outer.start <= inner.start && inner.start < outer.start + outer.length,
        ),
      )
      return [
        ...functions
          .filter(({ argumentOf }) => argumentOf === 'it')
          .map(({ line }) => `${path}:${line} calls it instead of test`),
        ...nested.map(({ line }) => `${path}:${line} has a describe in a describe`),
      ]
    })
