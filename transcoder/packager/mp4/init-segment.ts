import { boxesIn, makeBox, typeCode, uint32 } from './box.ts'

/** File type of a CMAF track (ISO/IEC 23000-19 7.2), with the brand `cmfc`. */
const fileType = makeBox('ftyp', Buffer.from('iso6'), uint32(0), Buffer.from('iso6cmfcmp41'))

/** Boxes that are useless in a live track. An edit list would also shift its times. */
const dropped = new Set(['edts', 'udta', 'meta'].map(typeCode))
const trak = typeCode('trak')

/**
 * Makes the init segment (Media Initialization Section, RFC 8216bis 3) of a track from the body of its
 * `moov`.
 */
export function initSegment(moov: Buffer): Buffer {
  return Buffer.concat([fileType, makeBox('moov', ...keptBoxes(moov, 0, moov.length))])
}

function keptBoxes(buffer: Buffer, from: number, to: number): Buffer[] {
  return boxesIn(buffer, from, to)
    .filter((box) => !dropped.has(box.type))
    .map((box) =>
      box.type === trak
        ? makeBox('trak', ...keptBoxes(buffer, box.body, box.end))
        : buffer.subarray(box.start, box.end),
    )
}
