import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Origin } from '../../core/contracts/live-records.ts'
import { createLog } from '../../core/process/log.ts'
import { writeAudio, writeVideo } from '../../test/kit/packager/media.ts'
import { begin, playlistOf, testOptions, videoNames } from '../../test/kit/packager/test-presentation.ts'
import { readPlaylist } from '../../test/kit/playlist.ts'
import { makeTempDir, type TempDir } from '../../test/kit/temp-dir.ts'
import { createPresentation, type PresentationOptions } from '../packager/packager.ts'
import { createDiskStore } from './disk-store.ts'
import { createRemover } from './remover.ts'
import { createSessionStore } from './session-store.ts'
import { createUploadQueue } from './upload-queue.ts'

const { sessionId } = testOptions()
const log = createLog('test', 'silent')
const nothing = () => {}

let directory: TempDir
const closes: (() => unknown)[] = []
beforeEach(() => {
  directory = makeTempDir()
})
afterEach(async () => {
  for (const close of closes.splice(0)) await close()
  directory.remove()
})

const files = () => readdirSync(join(directory.path, sessionId)).toSorted()
const pathOf = (name: string) => join(directory.path, sessionId, name)
const originOf = (transcoder: string, epoch = 1) => ({ sessionId, transcoder, epoch }) as Origin

/** Creates the session store of one transcoder. All of a test have the same disk. */
function transcoder(instance: string) {
  const store = createDiskStore(directory.path)
  const queue = createUploadQueue({
    store,
    metrics: { stored: nothing, dropped: nothing, failed: nothing },
    log,
  })
  const remover = createRemover(store)
  closes.push(queue.close, remover.close)
  const sessions = createSessionStore({ store, queue, remover, instance, log, leftoverMs: 20 })
  return {
    sessions,
    /** Creates a presentation whose segments are stored. */
    open(options: Partial<PresentationOptions> = {}) {
      const keeper = sessions.keeperOf(sessionId)
      const presentation = createPresentation(
        testOptions({ windowSegments: 6, ...options, ...keeper.events }),
      )
      keeper.begin(presentation)
      return { presentation, keeper }
    },
  }
}

/** Opens a presentation of a first transcoder with media from 0 to `toMs`, and waits until it is stored. */
async function published(toMs: number) {
  const first = transcoder('i_one')
  const { presentation, keeper } = first.open()
  const sink = begin(presentation)
  write(sink, 0, toMs)
  await keeper.stored()
  return { ...first, presentation, keeper, sink }
}

function write(sink: ReturnType<typeof begin>, fromMs: number, toMs: number) {
  writeAudio(sink, fromMs, toMs + 20)
  writeVideo(sink, videoNames, { fromMs, toMs })
}

const media = (name: string, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${name}.1.${from + index}.m4s`)

test('complete segments are stored as they are made, with an index', async () => {
  const { sink, keeper } = await published(4480)
  expect(files()).toEqual(
    [...['720p', '360p', 'audio'].flatMap((name) => media(name, 0, 1)), 'index.i_one.json'].toSorted(),
  )
  write(sink, 4480, 6480)
  await keeper.stored()
  expect(files()).toEqual(expect.arrayContaining(media('720p', 0, 2)))
})

test('segments are removed after they have left the window, and none that can still be fetched', async () => {
  const { sink, keeper, presentation } = await published(4480)
  write(sink, 4480, 40_480)
  await keeper.stored()
  const kept = () =>
    presentation.streams
      .get('720p')
      ?.window.segments()
      .map(({ msn }) => `720p.1.${msn}.m4s`)
  await vi.waitFor(() =>
    expect(files().filter((name) => name.startsWith('720p'))).toEqual(kept()?.toSorted()),
  )
  expect(kept()?.length).toBeLessThan(12)
})

test('a successor adopts what is stored, and removes what its predecessor left and it does not list', async () => {
  const { presentation: former } = await published(20_480)
  writeFileSync(pathOf('720p.1.99.m4s'), 'not in the index')
  const second = transcoder('i_two')
  const adopted = await second.sessions.adopt(originOf('i_one'))
  const { presentation } = second.open({ adopted, startMsn: 12 })
  write(begin(presentation, { epoch: 1001 }), 24_000, 26_480)
  const before = readPlaylist(playlistOf(former, '720p'))
  const after = readPlaylist(playlistOf(presentation, '720p'))
  const continued = after.segments.flatMap(({ uri, gap }) => (uri?.startsWith('1/') && !gap ? [uri] : []))
  expect(continued.length).toBeGreaterThan(2)
  expect(before.segments.map(({ uri }) => uri)).toEqual(expect.arrayContaining(continued))
  await vi.waitFor(() => {
    expect(files()).toContain('index.i_two.json')
    expect(files()).not.toContain('index.i_one.json')
    expect(files()).not.toContain('720p.1.99.m4s')
  })
  for (const uri of continued)
    expect(files()).toContain(uri.split('/').toSpliced(0, 2, '720p', '1').join('.'))
})

test('a second successor adopts from the first one, before that has media of its own', async () => {
  await published(20_480)
  const second = transcoder('i_two')
  const { keeper } = second.open({ adopted: await second.sessions.adopt(originOf('i_one')), startMsn: 12 })
  await keeper.stored()
  await vi.waitFor(() => expect(files()).toContain('index.i_two.json'))
  const adopted = await transcoder('i_three').sessions.adopt(originOf('i_two', 1001))
  expect(adopted?.get('720p')?.segments.map(({ msn, isGap }) => [msn, isGap])).toEqual(
    [4, 5, 6, 7, 8, 9].map((msn) => [msn, false]),
  )
})

test('a segment that the store has lost, or half of it, is a gap', async () => {
  await published(20_480)
  rmSync(pathOf('720p.1.8.m4s'))
  writeFileSync(pathOf('720p.1.9.m4s'), 'half')
  const second = transcoder('i_two')
  const { presentation } = second.open({
    adopted: await second.sessions.adopt(originOf('i_one')),
    startMsn: 12,
  })
  write(begin(presentation, { epoch: 1001 }), 24_000, 26_480)
  await vi.waitFor(() => {
    const { segments } = readPlaylist(playlistOf(presentation, '720p'))
    expect(segments.flatMap(({ msn, gap }) => (gap ? [msn] : []))).toEqual([8, 9, 10, 11])
  })
})

test.each([
  ['there is none', () => rmSync(pathOf('index.i_one.json'))],
  ['it is damaged', () => writeFileSync(pathOf('index.i_one.json'), '{"version":1,"rend')],
  ['it is of a later version', () => writeFileSync(pathOf('index.i_one.json'), '{"version":9}')],
])('a session continues without an index: %s', async (_, spoil) => {
  await published(4480)
  spoil()
  expect(await transcoder('i_two').sessions.adopt(originOf('i_one'))).toBeUndefined()
})

test('the objects of a session are removed when it has ended', async () => {
  const { sessions, keeper } = await published(4480)
  keeper.close()
  await sessions.remove(sessionId)
  expect(readdirSync(directory.path)).toEqual([])
})
