import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterEach, expect, test } from 'vitest'

/** Maximum time of each wait, ms. */
const limitMs = 9000

const log = new URL('./log.ts', import.meta.url).href
let child: ChildProcess | undefined
afterEach(() => void child?.kill('SIGKILL'))

/**
 * Starts a process that creates a log, says that it is ready, waits for a message, runs `code`, and ends when
 * it has nothing more to do. Nothing reads its stdout yet.
 */
async function startWithLog(code: string): Promise<ChildProcess> {
  const script = `
    import { spawnSync } from 'node:child_process'
    import { once } from 'node:events'
    import { closeSync } from 'node:fs'
    import { setTimeout as delay } from 'node:timers/promises'
    const { createLog } = await import('${log}')
    const log = createLog('test', 'info')
    process.send('ready')
    await once(process, 'message')
    ${code}
    if (process.connected) process.disconnect()`
  child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  await next(child, 'message')
  return child
}

/** Returns the first argument of the next event. */
const next = async (of: ChildProcess, event: string): Promise<unknown> =>
  (await once(of, event, { signal: AbortSignal.timeout(limitMs) }))[0]

interface Line {
  msg: string
  role: string
  n?: number
  lost?: number
}

/** Reads all lines until the process has ended. */
async function linesOf({ stdout }: ChildProcess): Promise<Line[]> {
  const lines: Line[] = []
  if (stdout) for await (const line of createInterface({ input: stdout })) lines.push(JSON.parse(line))
  return lines
}

test.each([
  ['whose reader is gone', ''],
  ['whose stdout is closed', 'closeSync(1)'],
])('a process %s continues after each line and ends normally', async (_, close) => {
  const writer = await startWithLog(`
    ${close}
    log.warn('one')
    log.fatal('two')
    await delay(100)
    log.fatal('three')
    process.send('continues')`)
  writer.stdout?.destroy()
  writer.send('go')
  expect(await next(writer, 'message')).toBe('continues')
  expect(await next(writer, 'exit')).toBe(0)
})

test.each([
  ['its last line is fatal', "log.fatal('last'); process.kill(process.pid, 'SIGKILL')"],
  ['it exits', "log.info('last'); process.exit()"],
  ['it has nothing more to do', "log.info('last')"],
])('a reader gets all lines in order when a process ends because %s', async (_, end) => {
  const writer = await startWithLog(`for (let n = 0; n < 2000; n++) log.info({ n }, 'line')\n${end}`)
  const lines = linesOf(writer)
  writer.send('go')
  expect((await lines).map(({ n, msg }) => n ?? msg)).toEqual([...Array(2000).keys(), 'last'])
})

test('a reader that stands still does not stop the process, and learns of lost lines', async () => {
  // A process that inherits stdout makes it blocking for both.
  const writer = await startWithLog(`
    spawnSync('true', { stdio: ['ignore', 'inherit', 'ignore'] })
    for (let n = 0; n < 10_000; n++) log.info({ n }, 'x'.repeat(100))
    log.info({ n: 10_000 }, 'x'.repeat(2 ** 20))
    await delay(100)
    process.send('continues')
    await once(process, 'message')
    log.info('last')
    log.info('y'.repeat(2 ** 20))`)
  writer.send('go')
  expect(await next(writer, 'message')).toBe('continues')

  const lines: Line[] = []
  const reported = Promise.withResolvers<void>()
  if (writer.stdout)
    createInterface({ input: writer.stdout }).on('line', (line) => {
      const parsed: Line = JSON.parse(line)
      lines.push(parsed)
      if (parsed.lost !== undefined) reported.resolve()
    })
  await reported.promise
  const closed = next(writer, 'close')
  writer.send('end')
  await closed
  const written = lines.filter(({ n }) => n !== undefined)
  expect(written.map(({ n }) => n)).toEqual([...written.keys()])
  expect(written.length).toBeGreaterThan(5000)
  expect(lines.slice(written.length)).toMatchObject([
    { role: 'test', msg: 'log lines lost', lost: 10_001 - written.length },
    { role: 'test', msg: 'last' },
    { role: 'test', msg: 'log lines lost', lost: 1 },
  ])
})

test('a process whose reader stands still ends, and waits for the reader 1 s in all', async () => {
  const writer = await startWithLog(`
    for (let n = 0; n < 5000; n++) log.info({ n }, 'line')
    const before = performance.now()
    for (let n = 0; n < 20; n++) log.fatal('fatal')
    process.send(performance.now() - before)`)
  writer.send('go')
  const waitedMs = await next(writer, 'message')
  expect(waitedMs).toBeGreaterThan(900)
  expect(waitedMs).toBeLessThan(5000)
  expect(await next(writer, 'exit')).toBe(0)
})
