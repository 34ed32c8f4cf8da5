import { Readable } from 'node:stream'
import { fastify } from 'fastify'
import { expect, test } from 'vitest'
import { watchStreams } from './open-streams.ts'

/** Returns a response that stays open until its request is no longer permitted. `answers`: of the checks. */
async function respond(...answers: (boolean | Error)[]) {
  const app = fastify()
  let checks = 0
  watchStreams(
    app,
    async () => {
      const answer = answers[checks] ?? false
      checks += 1
      if (answer instanceof Error) throw answer
      return answer
    },
    1,
  )
  const source = new Readable({ read() {} })
  source.push('first')
  app.get('/', (_request, reply) => reply.send(source))
  const response = app.inject('/')
  await Promise.race([response.catch(() => {}), new Promise((resolve) => source.once('close', resolve))])
  await app.close()
  return { checks, isDestroyed: source.destroyed }
}

test('a stream ends when its principal loses the permission', async () => {
  expect(await respond(true, true, false)).toEqual({ checks: 3, isDestroyed: true })
})

test('a stream continues while the database does not respond', async () => {
  expect(await respond(true, new Error('the database is away'), true, false)).toEqual({
    checks: 4,
    isDestroyed: true,
  })
})
