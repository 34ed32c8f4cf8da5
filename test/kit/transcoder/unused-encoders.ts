import { createLog } from '../../../core/process/log.ts'

/**
 * Returns encoders for tests that wait for no encoded media: there is no ffmpeg at their path. `onRun` is
 * called when one is started.
 */
export const unusedEncoders = (onRun: () => void = () => {}) =>
  ({
    ffmpeg: { box: { command: ['/nowhere/ffmpeg'], environment: {}, guards: [] }, stallMs: 5000 },
    version: { major: 5, minor: 1 },
    preset: 'veryfast',
    segmentMs: 2000,
    metrics: { runs: { inc: onRun }, failures: { inc() {} }, skips: { inc() {} } },
    log: createLog('test', 'silent'),
    onFailed() {},
  }) as const
