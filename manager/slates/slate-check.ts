import { type SlateMediaType, slateMediaTypes } from '../../core/contracts/slate-file.ts'
import { mp4Flaw, webmFlaw } from './clip-check.ts'
import { jpegFlaw, pngFlaw } from './picture-check.ts'

/** A kind of file: its name, the bytes at `offset` by which it is recognised, and its check. */
interface FileKind {
  name: string
  offset: number
  signature: Buffer
  flawOf(file: Buffer): string | undefined
}

const kinds: Record<SlateMediaType, FileKind> = {
  'image/png': kind('a PNG picture', 0, '89504e470d0a1a0a', pngFlaw),
  'image/jpeg': kind('a JPEG picture', 0, 'ffd8ff', jpegFlaw),
  // The box `ftyp` is the first one, behind its size.
  'video/mp4': kind('an MP4 clip', 4, '66747970', mp4Flaw),
  'video/webm': kind('a WebM clip', 0, '1a45dfa3', webmFlaw),
}

function kind(name: string, offset: number, signature: string, flawOf: FileKind['flawOf']): FileKind {
  return { name, offset, signature: Buffer.from(signature, 'hex'), flawOf }
}

/**
 * Checks what can be read without a decoder: the kind of the file, the size of a picture, whether its end is
 * missing, and the structure and duration of a clip. Returns why the file is no slate, in a sentence for the
 * operator; undefined when it is one. Never throws.
 */
export function slateFlaw(file: Buffer, mediaType: SlateMediaType): string | undefined {
  const found = slateMediaTypes.find((type) => hasSignature(file, kinds[type]))
  if (found === mediaType) return kinds[mediaType].flawOf(file)
  return found === undefined
    ? `The file is not ${kinds[mediaType].name}`
    : `The file is ${kinds[found].name}: send it as ${found}`
}

const hasSignature = (file: Buffer, { offset, signature }: FileKind) =>
  file.subarray(offset, offset + signature.length).equals(signature)
