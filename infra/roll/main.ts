import { existsSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { messageOf, NowcastError } from '../../core/process/errors.ts'
import { type ControlMessage, controlSocketOf } from '../supervisor/control-socket.ts'
import { readSupervisorSettings } from '../supervisor/settings.ts'

/** Opens the control socket of the instance in a data dir. @throws NowcastError `unavailable` */
async function open(dataDir: string): Promise<Socket> {
  const path = controlSocketOf(dataDir)
  const none = new NowcastError('unavailable', `no nowcast runs on the data dir ${dataDir}`)
  if (!existsSync(path)) throw none
  const socket = connect(path)
  await new Promise<void>((opened, failed) => {
    socket.once('connect', opened)
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      failed(code === 'EACCES' ? new NowcastError('unavailable', `${path}: belongs to another user`) : none),
    )
  })
  socket.on('error', () => {})
  return socket
}

/** Runs `nowcast roll`: asks the running instance to roll, and prints its steps. Returns the exit code. */
async function main(): Promise<number> {
  try {
    const socket = await open(resolve(readSupervisorSettings(process.env).dataDir))
    for await (const line of createInterface({ input: socket })) {
      const message = JSON.parse(line) as ControlMessage
      if ('say' in message) process.stderr.write(`nowcast: ${message.say}\n`)
      else return message.done ? 0 : 1
    }
    throw new NowcastError('unavailable', 'nowcast ended during the roll')
  } catch (error) {
    if (!(error instanceof NowcastError)) throw error
    process.stderr.write(`nowcast: ${messageOf(error)}\n`)
    return 1
  }
}

process.exit(await main())
