import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { NowcastError } from '../../core/process/errors.ts'

/** @throws NowcastError `bad_settings` for options that do not exist, and numbers that are not positive */
export function readOptions(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        quick: { type: 'boolean', default: false },
        curve: { type: 'string', default: 'idol' },
        architectures: { type: 'string' },
        seed: { type: 'string', default: '1' },
        max: { type: 'string' },
        'core-share': { type: 'string', default: '0.5' },
        crowd: { type: 'string' },
        out: { type: 'string' },
        from: { type: 'string' },
      },
    })
    const stamp = new Date().toISOString().slice(0, 16).replaceAll(':', '')
    return {
      quick: values.quick,
      curve: values.curve,
      /** Undefined: all of the scale. */
      architectures: values.architectures?.split(','),
      seed: positive(values.seed),
      max: values.max === undefined ? undefined : positive(values.max),
      coreShare: share(values['core-share']),
      /** Size of the crowd of the repeated runs; undefined: a share of the knee. */
      crowd: values.crowd === undefined ? undefined : positive(values.crowd),
      /** Folder of a recorded campaign, whose report is made again. */
      from: values.from,
      out: values.out ?? join('bench', 'spike', 'reports', stamp),
    }
  } catch (error) {
    throw new NowcastError('bad_settings', (error as Error).message)
  }
}

function positive(text: string): number {
  const value = Number(text)
  if (!(Number.isInteger(value) && value > 0)) throw new Error(`${text} is not a positive number`)
  return value
}

function share(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= 1)) throw new Error(`${text} is not a share of a core, above 0 and at most 1`)
  return value
}
