import { avcRecordOf, parameterSetsOf } from '../../core/media/codec/avc.ts'
import {
  findParameterSets,
  hasStartCodes,
  nalLengthSize,
  type ParameterSets,
  withLengths,
} from '../../core/media/codec/avc-nal.ts'
import type { VideoTagFields } from '../../core/media/flv-video.ts'
import { type AvcSampleKind, kindOfSample, recordWithLengthSize, UnitsAside } from './avc-sample.ts'
import { unitOf, type VideoUnit } from './video-unit.ts'

/**
 * Converts H.264 messages into units. It corrects common faults of encoders: a missing or unusable codec
 * header, parameter sets that change in the stream or come in messages of their own, start codes, and wrong
 * keyframe marks.
 */
export class AvcIntake {
  /** Configuration record in use, and the last one that a header contained. */
  #record: Buffer | undefined
  #sentRecord: Buffer | undefined
  readonly #aside = new UnitsAside()
  /** Whether there has been a keyframe of kind `idr` or `intra`. */
  #hasIntra = false

  /** Whether there is a configuration record, so that pictures can be decoded. */
  get hasHeader(): boolean {
    return this.#record !== undefined
  }

  /**
   * Reads a codec header. `tag` is its message if that can be forwarded unchanged. Returns no unit for a
   * header without a sequence parameter set, nor for a record that equals the previous header.
   */
  readHeader(fields: VideoTagFields, tag?: Buffer): VideoUnit[] {
    const { body } = fields
    if (hasStartCodes(body)) return this.#useParameterSets(findParameterSets(withLengths(body), 4))
    // Some encoders send an empty header, and the parameter sets before each keyframe.
    if (isWithoutSps(body)) return []
    // A repeated header must not undo parameter sets that came after it.
    if (this.#sentRecord?.equals(body)) return []
    this.#sentRecord = body
    this.#record = body
    return [unitOf(fields, tag)]
  }

  /**
   * Reads a picture. Returns its unit, after that of a new codec header if the picture contains one. A
   * picture before the first header and a message without a picture have no unit.
   */
  readPicture(fields: VideoTagFields, tag?: Buffer): VideoUnit[] {
    const sent = hasStartCodes(fields.body) ? withLengths(fields.body) : fields.body
    if (sent.length === 0) return []
    const corrected = fields.packet === 'keyframe' ? this.#correctLengthSize(sent) : []
    const kind = kindOfSample(sent, this.#lengthSize)
    if (kind === 'aside') {
      this.#aside.add(sent, this.#lengthSize)
      return corrected
    }
    const body = this.#aside.joinedWith(sent, this.#lengthSize)
    const packet = this.#packetOf(kind, fields.packet === 'keyframe')
    const config = [...corrected, ...(packet === 'keyframe' ? this.#readParameterSets(body) : [])]
    if (!this.hasHeader) return config
    const isUnchanged = body === fields.body && packet === fields.packet
    const unit = unitOf({ ...fields, packet, body }, isUnchanged ? tag : undefined)
    const isOpen = packet === 'keyframe' && (kind === 'intra' || kind === 'inter')
    return [...config, isOpen ? { ...unit, isOpen } : unit]
  }

  /**
   * Decides whether a picture is a keyframe. An IDR picture always is. Any other picture is one if its
   * message marks it so; but after a keyframe of kind `idr` or `intra`, a marked picture of kind `inter` is
   * not.
   */
  #packetOf(kind: AvcSampleKind, isMarked: boolean): 'keyframe' | 'frame' {
    if (kind === 'idr' || (kind === 'intra' && isMarked)) this.#hasIntra = true
    if (kind === 'idr') return 'keyframe'
    return isMarked && !(kind === 'inter' && this.#hasIntra) ? 'keyframe' : 'frame'
  }

  /** Size of the length before each NAL unit, bytes; 4 until there is a record. */
  get #lengthSize(): number {
    return this.#record ? nalLengthSize(this.#record) : 4
  }

  #correctLengthSize(sample: Buffer): VideoUnit[] {
    const corrected = this.#record && recordWithLengthSize(this.#record, sample)
    return corrected ? this.#useRecord(corrected) : []
  }

  /**
   * Makes a configuration record of the parameter sets in a keyframe, if the record in use does not contain
   * the first sequence parameter set.
   */
  #readParameterSets(sample: Buffer): VideoUnit[] {
    const found = findParameterSets(sample, this.#lengthSize)
    const [sps] = found.sps
    if (sps === undefined || (this.#record && setsOf(this.#record).sps.some((known) => known.equals(sps))))
      return []
    return this.#useParameterSets(found)
  }

  #useParameterSets(found: ParameterSets): VideoUnit[] {
    const pps = found.pps.length === 0 && this.#record ? setsOf(this.#record).pps : found.pps
    const record = recordOf({ sps: found.sps, pps })
    return record ? this.#useRecord(record) : []
  }

  #useRecord(record: Buffer): VideoUnit[] {
    this.#record = record
    return [unitOf({ codec: 'h264', packet: 'config', compositionTime: 0, body: record })]
  }
}

/** Whether a record is empty, or well-formed without a sequence parameter set. */
function isWithoutSps(record: Buffer): boolean {
  const isWhole = record.length >= 6 && record[0] === 1
  return record.length === 0 || (isWhole && ((record[5] ?? 0) & 0x1f) === 0)
}

function recordOf(found: ParameterSets): Buffer | undefined {
  try {
    return avcRecordOf(found)
  } catch {
    return undefined
  }
}

/** Returns the parameter sets of a record; none when it is truncated. */
function setsOf(record: Buffer): ParameterSets {
  try {
    return parameterSetsOf(record)
  } catch {
    return { sps: [], pps: [] }
  }
}
