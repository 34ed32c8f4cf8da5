import { isTest, type TreeRule } from './boundary-rules.ts'

/**
 * Modifiers that leave tests out or expect them to fail. The first name may be the middle of a chain, as in
 * `test.concurrent.skip`.
 */
const partial = /^(?:describe|it|test|suite|concurrent|sequential)\.(?:only|skip|todo|fails|skipIf|runIf)$/

export const wholeTests: TreeRule = (files) =>
  files.flatMap(({ path, members }) =>
    members.filter((member) => partial.test(member)).map((member) => `${path} has ${member}`),
  )

/** Finds tests that are declared with `it` instead of `test`, and each `describe` inside another. */
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
