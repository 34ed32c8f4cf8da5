import { setUpPrograms } from './install.mjs'
import { findNode } from './node.mjs'
import { setUpPackages } from './packages.mjs'
import { setUpPlayer } from './player.mjs'
import { programs } from './programs.mjs'

/**
 * Makes sure that all that is needed is here, and gives the Node to go on with.
 * @param {readonly import('./programs.mjs').Program[]} wanted programs of the system
 * @param {{player: boolean}} options whether the pages of the manager are needed
 */
export async function setUp(wanted = [programs.ffmpeg, programs.redis], { player } = { player: true }) {
  await setUpPackages()
  const node = findNode()
  await setUpPrograms(wanted)
  if (player) await setUpPlayer(node)
  return node
}
