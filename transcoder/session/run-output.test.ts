import { expect, test, vi } from 'vitest'
import { createLog } from '../../core/process/log.ts'
import { audioHeader, videoHeader, writeAudio, writeVideo } from '../../test/kit/packager/media.ts'
import { testOptions, videoNames } from '../../test/kit/packager/test-presentation.ts'
import { fakeRun, knownSession } from '../../test/kit/transcoder/fake-run.ts'
import { createTranscoderMetrics } from '../metrics.ts'
import { createPresentation } from '../packager/packager.ts'
import { createRunOutput, type RunOutputOptions } from './run-output.ts'

const outputTo = (more: Pick<RunOutputOptions, 'presentation' | 'metrics'>) =>
  createRunOutput({
    followed: { latest: knownSession({ expectedGopMs: 2000 }) },
    segmentMs: 2000,
    log: createLog('test', 'silent'),
    onFirstOutput: () => {},
    ...more,
  })

test('audio that arrives after silence was published instead of it is counted', async () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0)
  const { registry, sessions } = createTranscoderMetrics()
  const { run, sink } = fakeRun(1)
  run.plan = { ...run.plan, audio: 'copy' }
  outputTo({ presentation: createPresentation(testOptions()), metrics: sessions }).publish(run)
  for (const name of videoNames) sink.write(name, videoHeader())
  writeVideo(sink, videoNames, { fromMs: 0, toMs: 1200 })
  clock.mockReturnValue(1200)
  writeVideo(sink, videoNames, { fromMs: 1200, toMs: 2480 })
  expect(await registry.metrics()).toContain('nowcast_transcoder_late_audio_total{role="transcoder"} 0')

  sink.write('audio', audioHeader())
  writeAudio(sink, 2000, 3000)
  clock.mockRestore()
  expect(await registry.metrics()).toContain('nowcast_transcoder_late_audio_total{role="transcoder"} 1')
})

test('an epoch begins with the first bytes of a run, on a new timeline if the publisher started again', () => {
  const begun: string[] = []
  const ended: number[] = []
  const output = outputTo({
    presentation: {
      beginEpoch({ epoch, timeline, gopMs }) {
        begun.push(`${epoch} ${timeline} ${gopMs}`)
        return { write() {}, end: () => ended.push(epoch) }
      },
    },
    metrics: { lateAudio: { inc() {} } },
  })
  for (const [epoch, newestMs] of [60_000, 58_000, 200].entries()) {
    const { run, sink } = fakeRun(epoch, { newestMs })
    const end = output.publish(run)
    sink.write('audio', Buffer.from('first'))
    sink.write('audio', Buffer.from('second'))
    end()
  }
  output.publish(fakeRun(3, { newestMs: 400 }).run)()

  expect(begun).toEqual(['0 same 2000', '1 same 2000', '2 new 2000'])
  expect(ended).toEqual([0, 1, 2])
})
