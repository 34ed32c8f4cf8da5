import { expect, test } from 'vitest'
import { writeStartBundle } from '../../../core/playback/start-bundle.ts'
import { readBundle } from './bundle-stream.ts'

const text = (data: BufferSource) => new TextDecoder().decode(data)
const bundle = Buffer.concat(
  writeStartBundle({ rendition: '480p', backMs: 1000 }, [
    ['index.m3u8', Buffer.from('#EXTM3U')],
    ['s_1/1/480p/4.0.m4s', Buffer.from('first\npart')],
    ['s_1/1/480p/4.1.m4s', Buffer.from('')],
  ]),
)

/** Reads a bundle that arrives in chunks of `pieceLength` bytes. */
async function read(data: Buffer, pieceLength: number) {
  const files: [string, string][] = []
  let rendition = ''
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < data.length; at += pieceLength)
        controller.enqueue(new Uint8Array(data.subarray(at, at + pieceLength)))
      controller.close()
    },
  })
  await readBundle(stream, {
    onIndex: (index) => {
      rendition = index.rendition
    },
    onFile: (uri, file) => files.push([uri, text(file)]),
  })
  return { files, rendition }
}

test.each([1, 7, 1000])('files arrive in order, in pieces of %i bytes', async (length) => {
  expect(await read(bundle, length)).toEqual({
    rendition: '480p',
    files: [
      ['index.m3u8', '#EXTM3U'],
      ['s_1/1/480p/4.0.m4s', 'first\npart'],
      ['s_1/1/480p/4.1.m4s', ''],
    ],
  })
})

test('what is no bundle, or not all of one, rejects', async () => {
  await expect(read(Buffer.from('<html>\n'), 10)).rejects.toThrow('bad index')
  await expect(read(Buffer.from('x'.repeat(40_000)), 10_000)).rejects.toThrow('no index')
  await expect(read(bundle.subarray(0, -3), 10)).rejects.toThrow('broke off')
  await expect(read(Buffer.alloc(0), 10)).rejects.toThrow('broke off')
})
