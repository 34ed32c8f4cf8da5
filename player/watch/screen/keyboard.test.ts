import { expect, test, vi } from 'vitest'
import { actionOf, type KeyActions } from './keyboard.ts'

const actions: KeyActions = {
  togglePlay: vi.fn(),
  toggleMute: vi.fn(),
  toggleFullscreen: vi.fn(),
  togglePictureInPicture: vi.fn(),
  changeVolume: vi.fn(),
  seek: vi.fn(),
  goLive: vi.fn(),
  help: vi.fn(),
  toggleStats: vi.fn(),
}

test.each([
  [' ', 'togglePlay', []],
  ['k', 'togglePlay', []],
  ['K', 'togglePlay', []],
  ['m', 'toggleMute', []],
  ['f', 'toggleFullscreen', []],
  ['p', 'togglePictureInPicture', []],
  ['l', 'goLive', []],
  ['?', 'help', []],
  ['i', 'toggleStats', []],
  ['ArrowUp', 'changeVolume', [0.1]],
  ['ArrowDown', 'changeVolume', [-0.1]],
  ['ArrowLeft', 'seek', [-5]],
  ['ArrowRight', 'seek', [5]],
] as const)('%s', (key, name, given) => {
  actionOf(key, actions)?.()
  expect(actions[name]).toHaveBeenLastCalledWith(...given)
})

test('other keys have no action', () => {
  for (const key of ['a', 'Tab', 'Enter', 'Escape', 'F5']) expect(actionOf(key, actions)).toBeUndefined()
})
