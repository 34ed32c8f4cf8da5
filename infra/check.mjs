import { runChecks } from './setup/checks.mjs'
import { findNode } from './setup/node.mjs'
import { setUpPackages } from './setup/packages.mjs'
import { enter } from './setup/say.mjs'

// Entry point of `npm run check`: types, lint and format, boundaries, and unused code.
await enter(async () => {
  await setUpPackages()
  return (await runChecks(findNode())) ? 0 : 1
})
