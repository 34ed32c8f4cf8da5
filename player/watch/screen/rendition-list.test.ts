import { expect, test, vi } from 'vitest'
import { RenditionList } from './rendition-list.ts'

const rendition = (id: string, height: number) => ({
  id,
  height,
  width: (height * 16) / 9,
  bitrate: height * 1000,
  frameRate: 30,
})

test('the list is iterable and indexed, and automatic at first', () => {
  const list = new RenditionList()
  list.offer([rendition('0', 360), rendition('1', 720)])
  expect([...list].map(({ id }) => id)).toEqual(['0', '1'])
  expect(list[1]?.height).toBe(720)
  expect(list.length).toBe(2)
  expect(list.selectedIndex).toBe(-1)
  expect(list.selected).toBeUndefined()
})

test('a choice is reported once', () => {
  const list = new RenditionList()
  list.offer([rendition('0', 360), rendition('1', 720)])
  const onChange = vi.fn()
  list.addEventListener('change', onChange)
  list.selectedIndex = 1
  list.selectedIndex = 1
  expect(onChange).toHaveBeenCalledOnce()
  expect(list.selected?.height).toBe(720)
})

test('a choice is kept when a new offer has the same size, and only then', () => {
  const list = new RenditionList()
  list.offer([rendition('0', 360), rendition('1', 720)])
  list.selectedIndex = 1
  list.offer([rendition('0', 240), rendition('1', 360), rendition('2', 720)])
  expect(list.selected?.id).toBe('2')
  list.offer([rendition('0', 240)])
  expect(list.selected).toBeUndefined()
  expect(list[1]).toBeUndefined()
})
