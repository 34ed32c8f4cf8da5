import { expect, test } from 'vitest'
import type { Store } from '../../manager/store/store.ts'

/** Tests of the store of kept responses that every database must pass. `newStore` opens an empty store. */
export function keptResponseStoreSuite(newStore: () => Promise<Store>) {
  const run = (id: string, fields = {}) => ({ principal: 'a', key: 'k', fingerprint: 'f', id, ...fields })
  const response = { status: 201, headers: '{}', body: 'sealed' }

  test('one of several runs that begin at once has the key, and the others get its response', async () => {
    const { keptResponses } = await newStore()
    const ids = ['1', '2', '3', '4', '5']
    const results = await Promise.all(ids.map((id) => keptResponses.begin(run(id), 10, 20)))
    const winners = ids.filter((_, index) => results[index] === undefined)
    expect(winners).toHaveLength(1)
    const winner = run(winners[0] ?? '')
    for (const result of results) expect(result?.id ?? winner.id).toBe(winner.id)
    await keptResponses.keep(winner, response, 100)
    expect(await keptResponses.begin(run('6'), 99, 109)).toEqual({ ...winner, ...response })
    expect(await keptResponses.begin(run('7', { principal: 'b' }), 99, 109)).toBeUndefined()
    expect(await keptResponses.begin(run('8', { key: 'l' }), 99, 109)).toBeUndefined()
    expect(await keptResponses.begin(run('9'), 100, 110)).toBeUndefined()
  })

  test('a run that never ended loses the key with its lease, and can no longer keep a response', async () => {
    const { keptResponses } = await newStore()
    const killed = run('killed')
    expect(await keptResponses.begin(killed, 10, 20)).toBeUndefined()
    expect(await keptResponses.begin(run('early'), 19, 29)).toEqual({
      ...killed,
      ...{ status: null, headers: null, body: null },
    })
    const next = run('next', { fingerprint: 'g' })
    expect(await keptResponses.begin(next, 20, 30)).toBeUndefined()
    await keptResponses.keep(killed, response, 100)
    await keptResponses.free(killed)
    expect(await keptResponses.begin(run('later'), 21, 31)).toMatchObject({ ...next, status: null })
    await keptResponses.free(next)
    expect(await keptResponses.begin(run('last'), 22, 32)).toBeUndefined()
  })

  test('removes what has ended, and responses beyond a number, the oldest first', async () => {
    const { keptResponses } = await newStore()
    for (let number = 1; number <= 6; number++) {
      await keptResponses.begin(run(`${number}`, { key: `k${number}` }), 0, 1000)
      if (number < 6) await keptResponses.keep(run(`${number}`), response, number * 10)
    }
    expect(await keptResponses.sweep(20, 2, 1)).toBe(2)
    expect(await keptResponses.sweep(20, 2, 9)).toBe(1)
    expect(await keptResponses.sweep(20, 2, 9)).toBe(0)
    const known = await Promise.all(
      ['k1', 'k2', 'k3', 'k4', 'k5', 'k6'].map((key) =>
        keptResponses.begin(run(`new-${key}`, { key }), 30, 40),
      ),
    )
    expect(known.map((former) => former?.id)).toEqual([undefined, undefined, undefined, '4', '5', '6'])
  })
}
