import { expect, test } from 'vitest'
import { plainPlan as plan } from '../../test/kit/transcoder/plain-plan.ts'
import { createSlateLibrary } from './slate-library.ts'
import type { SlateFile } from './slate-media.ts'

const file: SlateFile = { mediaType: 'image/png', content: Buffer.alloc(1) }

function setUp(fails: () => boolean = () => false) {
  const made: string[] = []
  let running = 0
  const library = createSlateLibrary(
    async (sha256) => {
      made.push(sha256)
      if (fails()) throw new Error('no manager is present')
      return file
    },
    async () => {
      running++
      expect(running).toBe(1)
      await Promise.resolve()
      running--
      return { lengthMs: 2000, fps: 25, renditions: new Map() }
    },
  )
  return { library, made }
}

test('sessions with the same slate and ladder share it, and others are made one after another', async () => {
  const { library, made } = setUp()
  const uses = [plan, plan, { ...plan, fps: 30 }].map((each) => library.use('a', each))
  const [first, second, third] = await Promise.all(uses.map(({ media }) => media))
  expect(second).toBe(first)
  expect(third).not.toBe(first)
  expect(made).toEqual(['a', 'a'])
})

test('bitrate and treatment of a plan do not matter to its slate', async () => {
  const { library, made } = setUp()
  const video = plan.video.map((rendition) => ({ ...rendition, bitrate: 1_000_000 }))
  await library.use('a', plan).media
  await library.use('a', { ...plan, video, audio: 'silent', keyframes: 'timed' }).media
  expect(made).toEqual(['a'])
})

test('what fails is tried again at the next use', async () => {
  let isAway = true
  const { library, made } = setUp(() => isAway)
  const use = library.use('a', plan)
  await expect(use.media).rejects.toThrow('no manager is present')
  use.release()
  isAway = false
  await library.use('a', plan).media
  expect(made).toEqual(['a', 'a'])
})

test('the slates that were used last are kept, and those in use', async () => {
  const { library, made } = setUp()
  await library.use('kept', plan).media
  for (const sha256 of ['a', 'b', 'c', 'd', 'e']) {
    const { media, release } = library.use(sha256, plan)
    await media
    release()
  }
  made.length = 0
  for (const sha256 of ['kept', 'b', 'e', 'a']) await library.use(sha256, plan).media
  expect(made).toEqual(['a'])
})
