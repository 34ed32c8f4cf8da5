import { parseArgs } from 'node:util'
import { NowcastError } from '../../../core/process/errors.ts'
import { faults } from './faults.ts'

/** Length of a run from which leaked keys are looked for after the longest of their lifetimes, minutes. */
const longRunMinutes = 30
/** Time until then, and in shorter runs, s. */
const settleSeconds = { long: 600, short: 60 }

export type ChaosOptions = ReturnType<typeof readChaosOptions>

/** @throws NowcastError `bad_settings` for options that do not exist, and for wrong values */
export function readChaosOptions(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        minutes: { type: 'string', default: '30' },
        seed: { type: 'string', default: '1' },
        viewers: { type: 'string', default: '200' },
        settle: { type: 'string' },
        events: { type: 'string', default: '' },
        logs: { type: 'string' },
      },
    })
    const minutes = positive('minutes', values.minutes)
    const chosen = faults.filter(({ name }) => name.includes(values.events))
    if (chosen.length === 0) throw new Error(`no event has ${values.events} in its name`)
    const usualSettle = minutes >= longRunMinutes ? settleSeconds.long : settleSeconds.short
    return {
      minutes,
      seed: whole('seed', values.seed),
      viewers: whole('viewers', values.viewers),
      /** Time from the end of the publishers to the look for keys in Redis, s. */
      settleSeconds: values.settle === undefined ? usualSettle : whole('settle', values.settle),
      faults: chosen,
      /** Folder for the output of all processes; undefined: it is not kept. */
      logs: values.logs,
    }
  } catch (error) {
    throw new NowcastError('bad_settings', (error as Error).message)
  }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!(Number.isFinite(value) && value > 0)) throw new Error(`--${name} ${text} is not a positive number`)
  return value
}

function whole(name: string, text: string): number {
  const value = positive(name, text)
  if (!Number.isInteger(value)) throw new Error(`--${name} ${text} is not a whole number`)
  return value
}
