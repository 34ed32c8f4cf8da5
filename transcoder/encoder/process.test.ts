import { ChildProcess } from 'node:child_process'
import { expect, test, vi } from 'vitest'
import { createLog } from '../../core/process/log.ts'
import { startFfmpeg } from './process.ts'

test('an ffmpeg that cannot be started gets no signal', async () => {
  // A real signal could reach any process.
  const kill = vi.spyOn(ChildProcess.prototype, 'kill').mockReturnValue(false)
  const ffmpeg = startFfmpeg({
    box: { command: ['/nowhere/ffmpeg'], environment: {}, guards: [] },
    job: { inputOptions: [], filter: null, outputs: [{ rendition: '240p', options: ['-f', 'flv'] }] },
    log: createLog('test', 'silent'),
    stallMs: 5000,
  })
  ffmpeg.stop()
  expect(await ffmpeg.ended).toEqual({ kind: 'stopped' })
  expect(kill).not.toHaveBeenCalled()
  kill.mockRestore()
})
