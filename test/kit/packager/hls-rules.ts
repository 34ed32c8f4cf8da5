import { videoTimescale } from '../../../transcoder/packager/mp4/movie-writer.ts'
import type { Presentation } from '../../../transcoder/packager/packager.ts'
import { partTags } from '../../../transcoder/packager/playlist/segment-tags.ts'
import type { RenditionStream } from '../../../transcoder/packager/window/rendition-stream.ts'
import type { Segment } from '../../../transcoder/packager/window/segment.ts'

/**
 * Describes each fault in the listed segments of a presentation: wrong lengths, holes between segments, video
 * that does not begin with a keyframe or in which a part begins at another time than its playlist says, and
 * video renditions that are not aligned.
 */
export function brokenRules(presentation: Presentation): string[] {
  const { streams, targetDuration, partTargetMs } = presentation
  const video = [...streams.values()].filter((stream) => stream.plan.kind === 'video')
  return [
    ...[...streams.values()].flatMap((stream) => [
      ...brokenDurations(stream, targetDuration, partTargetMs),
      ...brokenSequence(stream),
    ]),
    ...video.flatMap((stream) => [...brokenStarts(stream), ...brokenPartStarts(stream)]),
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

/**
 * A player that believes its playlist must not find a part that begins later than listed, and 1 ms earlier at
 * most: Shaka Player 5.2 then drops all frames up to the next keyframe.
 */
function brokenPartStarts(stream: RenditionStream) {
  return stream.window.listed.flatMap((segment) => {
    const lengths = partTags(stream.plan.name, segment).map((line) =>
      Number(/DURATION=([\d.]+)/.exec(line)?.[1]),
    )
    const [first = 0, ...others] = segment.parts.map(({ data }) => firstDecodeTime(data) / videoTimescale)
    return others.flatMap((startSeconds, index) => {
      const listed = lengths.slice(0, index + 1).reduce((sum, length) => sum + length, 0)
      const earlyMs = (listed - (startSeconds - first)) * 1000
      const isExact = segment.parts[index + 1]?.isIndependent === true
      return earlyMs > (isExact ? -0.01 : 0) && earlyMs < 1
        ? []
        : [`${label(stream, segment)}.${index + 1}: begins ${earlyMs.toFixed(3)} ms before its time`]
    })
  })
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

/**
 * Returns the decode time in the first `tfdt` (version 1) of a chunk, ticks.
 * @throws Error when the chunk has no `tfdt`
 */
function firstDecodeTime(chunk: Buffer): number {
  const at = chunk.indexOf('tfdt')
  if (at === -1) throw new Error('no tfdt')
  return Number(chunk.readBigUInt64BE(at + 8))
}
