import { expect, test } from 'vitest'
import { createProgressReader, type Progress } from './progress.ts'

const block = (frame: number, outTime: string, speed: string) =>
  `frame=${frame}\nfps=29.97\nstream_0_0_q=23.0\nbitrate=N/A\ntotal_size=N/A\nout_time_us=${outTime}\nout_time_ms=${outTime}\nspeed=${speed}\nprogress=continue\n`

function read(chunks: string[]): Progress[] {
  const seen: Progress[] = []
  const take = createProgressReader((progress) => seen.push(progress))
  for (const chunk of chunks) take(Buffer.from(chunk))
  return seen
}

test('reports each block, wherever it is split', () => {
  const text = block(30, '1000000', '1.01x') + block(60, '2000000', '   2x')
  const expected = [
    { frame: 30, outTimeMs: 1000, speed: 1.01 },
    { frame: 60, outTimeMs: 2000, speed: 2 },
  ]
  expect(read([text])).toEqual(expected)
  expect(read([...text])).toEqual(expected)
})

test('what ffmpeg does not know yet is null', () => {
  expect(read([block(0, 'N/A', 'N/A')])).toEqual([{ frame: 0, outTimeMs: null, speed: null }])
})

test('an endless block is not kept', () => {
  expect(read(['x'.repeat(1_000_000), `\n${block(1, '5', '1x')}`])).toHaveLength(1)
})
