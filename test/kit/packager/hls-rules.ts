import type { Presentation } from '../../../transcoder/packager/packager.ts'
import type { RenditionStream } from '../../../transcoder/packager/window/rendition-stream.ts'
import type { Segment } from '../../../transcoder/packager/window/segment.ts'

/**
 * Returns a line for each violation of the rules about lengths, numbers, keyframes and alignment in a
 * presentation. Only segments that are still listed are checked.
 */
export function brokenRules(presentation: Presentation): string[] {
  const { streams, targetDuration, partTargetMs } = presentation
  const video = [...streams.values()].filter((stream) => stream.plan.kind === 'video')
  return [
    ...[...streams.values()].flatMap((stream) => [
      ...brokenDurations(stream, targetDuration, partTargetMs),
      ...brokenSequence(stream),
    ]),
    ...video.flatMap((stream) => brokenStarts(stream)),
    ...brokenAlignment(video),
  ]
}

const label = (stream: RenditionStream, segment: Segment) => `${stream.plan.name} ${segment.msn}`

function brokenDurations(stream: RenditionStream, targetDuration: number, partTargetMs: number | null) {
  return stream.window.listed.flatMap((segment, index, all) => {
    const isLast = index === all.length - 1
    const name = label(stream, segment)
    const parts = segment.parts.flatMap((part, at) => [
      ...(part.durationMs > (partTargetMs ?? Number.POSITIVE_INFINITY)
        ? [`${name}.${at}: ${part.durationMs} ms is more than the part target`]
        : []),
      ...(at < segment.parts.length - 1 && part.durationMs < 0.85 * (partTargetMs ?? 0)
        ? [`${name}.${at}: ${part.durationMs} ms is less than 85 % of the part target`]
        : []),
    ])
    const isLong = Math.round(segment.durationMs / 1000) > targetDuration
    return [
      ...parts,
      ...(isLong ? [`${name}: ${segment.durationMs} ms is more than the target duration`] : []),
      ...(!isLast && segment.durationMs < 400
        ? [`${name}: ${segment.durationMs} ms is too short for a segment`]
        : []),
    ]
  })
}

function brokenSequence(stream: RenditionStream) {
  return stream.window.listed.flatMap((segment, index, all) => {
    const before = all[index - 1]
    if (!before) return []
    const gapMs = segment.startMs - before.startMs - before.durationMs
    return [
      ...(segment.msn === before.msn + 1 ? [] : [`${label(stream, segment)}: follows ${before.msn}`]),
      ...(Math.abs(gapMs) <= 1.01 || segment.hasDiscontinuity
        ? []
        : [`${label(stream, segment)}: ${gapMs} ms after the end of the previous segment`]),
    ]
  })
}

function brokenStarts(stream: RenditionStream) {
  return stream.window.listed.flatMap((segment) =>
    segment.parts[0]?.isIndependent ? [] : [`${label(stream, segment)}: does not begin with a keyframe`],
  )
}

function brokenAlignment([first, ...others]: readonly RenditionStream[]) {
  if (!first) return []
  const shape = (stream: RenditionStream) =>
    stream.window.listed.map(
      ({ msn, parts }) =>
        `${msn} at ${parts.map(({ data }) => firstDecodeTime(data)).at(0)} in ${parts.map((part) => part.frames)}`,
    )
  const expected = shape(first)
  return others.flatMap((stream) =>
    shape(stream).flatMap((line, index) =>
      line === expected[index]
        ? []
        : [`${stream.plan.name}: ${line}, but ${first.plan.name}: ${expected[index]}`],
    ),
  )
}

/** Returns the decode time in the first `tfdt` (version 1) of a chunk, ticks. @throws Error without one */
function firstDecodeTime(chunk: Buffer): number {
  const at = chunk.indexOf('tfdt')
  if (at === -1) throw new Error('no tfdt')
  return Number(chunk.readBigUInt64BE(at + 8))
}
