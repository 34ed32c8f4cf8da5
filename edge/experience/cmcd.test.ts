import { expect, test } from 'vitest'
import { createCmcdReader, findCmcd, withoutCmcd } from './cmcd.ts'

const cmcd = createCmcdReader()
const read = (text: string) => {
  const target = `/p.m3u8?CMCD=${text}`
  return { ...cmcd.ofTarget(target, findCmcd(target)) }
}
/** Parses a text and returns the fields that it sets in the report: those that are neither false nor NaN. */
const reported = (text: string) =>
  Object.fromEntries(
    Object.entries(read(text)).filter(([, value]) => value !== false && !Number.isNaN(value)),
  )
const encoded = (text: string) => encodeURIComponent(text)

test('the parameter is removed from the target wherever it is', () => {
  expect(withoutCmcd('/p.m3u8')).toBe('/p.m3u8')
  expect(withoutCmcd('/p.m3u8?CMCD=bs')).toBe('/p.m3u8')
  expect(withoutCmcd('/p.m3u8?noCMCD=1&CMCD=bs')).toBe('/p.m3u8?noCMCD=1')
  expect(withoutCmcd('/p.m3u8?_HLS_msn=3&_HLS_part=1&CMCD=bs')).toBe('/p.m3u8?_HLS_msn=3&_HLS_part=1')
  expect(withoutCmcd('/p.m3u8?CMCD=bs&_HLS_msn=3')).toBe('/p.m3u8?_HLS_msn=3')
  expect(withoutCmcd('/p.m3u8?_HLS_msn=3&CMCD=bs&_HLS_part=1')).toBe('/p.m3u8?_HLS_msn=3&_HLS_part=1')
  for (const other of ['/p.m3u8?XCMCD=bs', '/CMCD=bs', 'CMCD=bs', '/p.m3u8?a=CMCD=bs'])
    expect(withoutCmcd(other)).toBe(other)
})

test('version 1, in the query and in header fields', () => {
  const expected = {
    bufferMs: 2100,
    bitrate: 4e6,
    throughput: 25.4e6,
    ranDry: true,
    viewer: expect.any(Number),
  }
  const text = 'bl=2100,br=4000,bs,d=333,mtp=25400,ot=v,sid="6e2fb550-c457",su'
  expect(reported(encoded(text))).toEqual(expected)
  expect(reported(text)).toEqual(expected)
  const report = cmcd.ofHeaders({
    'cmcd-object': 'br=4000,d=333,ot=v',
    'cmcd-request': 'bl=2100, mtp=25400, su',
    'cmcd-session': 'sid="6e2fb550-c457"',
    'cmcd-status': 'bs',
  })
  expect(report).toMatchObject({ ...expected, viewer: read(text).viewer })
  expect(cmcd.ofHeaders({ 'user-agent': 'player' })).toBeUndefined()
})

test('version 2: lists, latency, start delay, stalls', () => {
  const text =
    'bl=(1200;v 900;a),bsd=(300 400;v),ltc=1430,msd=812,mtp=(25000),nowcast-played=2000,ot=v,pb=(2500;v),v=2'
  expect(reported(encoded(text))).toEqual({
    bufferMs: 1200,
    stalledMs: 700,
    latencyMs: 1430,
    joinMs: 812,
    throughput: 25e6,
    playedMs: 2000,
    bitrate: 2.5e6,
  })
  expect(reported('br=(4000),pb=(2500)').bitrate).toBe(4e6)
  expect(reported('pb=(2500),br=(4000)').bitrate).toBe(4e6)
})

test('a session id identifies one viewer in any encoding, and another id another viewer', () => {
  const id = read('sid="6e2fb550-c457"').viewer
  expect(read(encoded('bl=1,sid="6e2fb550-c457",v=1')).viewer).toBe(id)
  expect(read('sid="6e2fb550-c458"').viewer).not.toBe(id)
  expect(reported('nsid="6e2fb550-c457"')).toEqual({})
  expect(reported('sid=""')).toEqual({})
  expect(reported(`sid="${'x'.repeat(65)}"`)).toEqual({})
  const ids = Array.from({ length: 100_000 }, (_, n) => read(`sid="viewer-${n}"`).viewer)
  expect(new Set(ids).size).toBe(100_000)
  expect(ids.every(Number.isSafeInteger)).toBe(true)
})

test('a key with the hash of a known one is not taken for it', () => {
  // Both keys have the same hash: 31 times the code of the first character plus that of the second.
  expect(reported('bl=2100')).toEqual({ bufferMs: 2100 })
  expect(reported('cM=2100')).toEqual({})
})

test.each([
  ['not a number', 'bl=NaN,br=-5,mtp=Infinity,ltc=1e9,msd=0x10,bsd=(-1),nowcast-played='],
  ['out of range', 'bl=99999999999999999999,br=1000001,mtp=100000001,ltc=3600001,msd=120001,bsd=(600001)'],
  ['keys within texts', 'cid="a,bl=5,\\",br=4000,",nor="x%22,ltc=5"'],
  ['keys within lists', 'nor=(a,bl=5,br=4)'],
  ['false', 'bs=?0'],
  ['nothing', ''],
  ['noise', '=,=,,((("""\\'],
  ['badly encoded', 'bl%3D5%2'],
  ['not UTF-8', 'bl%3D5%FF'],
  ['too long', `bl=5,cid="${'x'.repeat(3000)}"`],
])('hostile: %s reports nothing', (_, text) => {
  expect(reported(text)).toEqual({})
})

test('any input is read quickly', () => {
  const alphabet = 'bl=5,"\\();.%22sid "'
  let seed = 1
  const startedAt = performance.now()
  for (let round = 0; round < 5000; round += 1) {
    let text = ''
    for (let i = 0; i < 200; i += 1) {
      seed = (seed * 48_271) % 2_147_483_647
      text += alphabet[seed % alphabet.length]
    }
    const { bufferMs } = read(text)
    expect(Number.isNaN(bufferMs) || bufferMs <= 600_000).toBe(true)
  }
  expect(performance.now() - startedAt).toBeLessThan(5000)
})
