import { expect, test } from 'vitest'
import { avcRecordOf, parameterSetsOf, parseAvcConfig } from './avc.ts'
import { findParameterSets, hasStartCodes, nalLengthSize, withLengths } from './avc-nal.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const record = hex('0142c01fffe100176742c01fda014016ec0440000003004000000f03c60ca801000468ce0fc8')
const sps = hex('6742c01fda014016ec0440000003004000000f03c60ca8')
const pps = hex('68ce0fc8')
const high = hex('6764001facd9405005bb011000000300100000030320f1831960')
const idr = Buffer.concat([hex('65'), Buffer.alloc(300, 7)])

const prefixed = (units: Buffer[], size = 4) =>
  Buffer.concat(
    units.flatMap((unit) => {
      const length = Buffer.alloc(size)
      length.writeUIntBE(unit.length, 0, size)
      return [length, unit]
    }),
  )
const annexB = (units: Buffer[], code = '00000001') =>
  Buffer.concat(units.flatMap((unit) => [hex(code), unit]))

test('the parameter sets of a record', () => {
  expect(nalLengthSize(record)).toBe(4)
  expect(parameterSetsOf(record)).toEqual({ sps: [sps], pps: [pps] })
  expect(() => parameterSetsOf(record.subarray(0, 20)).pps).toThrow(RangeError)
})

test.each([1, 2, 4])('parameter sets before a picture, with lengths of %d bytes', (size) => {
  const slice = hex('65aabbcc')
  expect(findParameterSets(prefixed([hex('0910'), sps, pps, slice, pps], size), size)).toEqual({
    sps: [sps],
    pps: [pps],
  })
})

test.each([
  ['nothing', Buffer.alloc(0)],
  ['a length beyond the end', hex('000000ff 67')],
  ['a length of 0', hex('00000000 00000002 6742')],
  ['a picture first', prefixed([idr, sps, pps])],
  ['half a length', hex('0000')],
])('%s has no parameter sets', (_what, sample) => {
  expect(findParameterSets(sample, 4)).toEqual({ sps: [], pps: [] })
})

test.each(['000001', '00000001', '0000000001'])('start codes %s become lengths', (code) => {
  const sample = annexB([sps, pps, idr], code)
  expect(hasStartCodes(sample)).toBe(true)
  expect(withLengths(sample)).toEqual(prefixed([sps, pps, idr]))
})

test('start codes of three bytes are recognised in large samples', () => {
  const large = Buffer.concat([hex('65'), Buffer.alloc(20_000, 5)])
  expect(hasStartCodes(annexB([sps, pps, large], '000001'))).toBe(true)
})

test.each([
  ['units', prefixed([sps, pps, idr])],
  ['a unit of 256 to 511 bytes, whose length looks like a start code', prefixed([idr])],
  ['the same before another unit', prefixed([idr, idr])],
  ['a unit of one byte', prefixed([hex('0a'), idr])],
  ['too little', hex('000001')],
  ['nothing', Buffer.alloc(0)],
])('%s with lengths have no start codes', (_what, sample) => {
  expect(hasStartCodes(sample)).toBe(false)
})

test('a record is made of parameter sets, with the fields of high profiles', () => {
  expect(avcRecordOf({ sps: [sps], pps: [pps] })).toEqual(record)
  const made = avcRecordOf({ sps: [high], pps: [pps, pps] }) ?? Buffer.alloc(0)
  expect(made.subarray(-4)).toEqual(hex('fdf8f800'))
  expect(parseAvcConfig(made)).toMatchObject({ codecString: 'avc1.64001f', width: 1280, height: 720 })
  expect(parameterSetsOf(made)).toEqual({ sps: [high], pps: [pps, pps] })
})

test('a record needs both kinds of parameter sets', () => {
  expect(avcRecordOf({ sps: [], pps: [pps] })).toBeUndefined()
  expect(avcRecordOf({ sps: [sps], pps: [] })).toBeUndefined()
  expect(avcRecordOf({ sps: [hex('674200')], pps: [pps] })).toBeUndefined()
  expect(() => avcRecordOf({ sps: [hex('67420000')], pps: [pps] })).toThrow(RangeError)
})

test('a record has as many parameter sets as its fields can count', () => {
  const many = avcRecordOf({ sps: Array(40).fill(sps), pps: Array(300).fill(pps) }) ?? Buffer.alloc(0)
  const counted = parameterSetsOf(many)
  expect([counted.sps.length, counted.pps.length]).toEqual([31, 255])
  expect(avcRecordOf({ sps: [sps], pps: [Buffer.alloc(70_000, 0x68)] })).toBeUndefined()
})
