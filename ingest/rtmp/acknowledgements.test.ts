import { expect, test } from 'vitest'
import { Acknowledgements } from './acknowledgements.ts'

test('an acknowledgement is due for each full window, with the sum of bytes', () => {
  const acknowledgements = new Acknowledgements()
  acknowledgements.setWindow(100_000)
  expect(acknowledgements.add(99_999)).toBe(99_999)
  expect(acknowledgements.due()).toBeUndefined()
  expect(acknowledgements.add(1)).toBe(100_000)
  expect(acknowledgements.due()).toBe(100_000)
  expect(acknowledgements.due()).toBeUndefined()
  acknowledgements.add(250_000)
  expect(acknowledgements.due()).toBe(350_000)
})

test.each([0, 1, 65_535])('a window of %d bytes counts as 64 KB', (bytes) => {
  const acknowledgements = new Acknowledgements()
  acknowledgements.setWindow(bytes)
  acknowledgements.add(65_535)
  expect(acknowledgements.due()).toBeUndefined()
  acknowledgements.add(1)
  expect(acknowledgements.due()).toBe(65_536)
})

test('a peer that announces no window gets an acknowledgement for every 2.5 MB', () => {
  const acknowledgements = new Acknowledgements()
  acknowledgements.add(2_499_999)
  expect(acknowledgements.due()).toBeUndefined()
  acknowledgements.add(1)
  expect(acknowledgements.due()).toBe(2_500_000)
})

test('the sequence number wraps after 32 bits', () => {
  const acknowledgements = new Acknowledgements()
  acknowledgements.add(2 ** 32 + 5)
  expect(acknowledgements.due()).toBe(5)
})
