import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startLiveChannel } from '../../test/kit/live-channel.ts'
import { makeTempDir } from '../../test/kit/temp-dir.ts'
import { resultOf, type SuiteResult } from '../figures/figure-file.ts'
import type { Figure } from '../figures/table.ts'

interface Packet {
  pts: number
  flags: string
}

/**
 * Reads every video rendition of a 720p channel with ffprobe. Checks that size, codec and level are as
 * announced, and that all renditions have frames and keyframes at the same times. Argument: seconds, 60 by
 * default.
 */
export async function variants([seconds = '60']: string[]): Promise<SuiteResult> {
  const channel = await startLiveChannel({ slug: 'variants', gopSeconds: 2, size: '1280x720' })
  const dir = makeTempDir()
  try {
    const segments = Math.ceil(Number(seconds) / 2)
    const { variants } = await channel.multivariant()
    const videos = variants.filter(({ attributes }) => attributes.has('RESOLUTION'))
    const files = await Promise.all(
      videos.map(async ({ uri, attributes }, i) => {
        const file = join(dir.path, `${i}.mp4`)
        writeFileSync(file, await collect(channel, uri, segments))
        return { file, resolution: attributes.get('RESOLUTION'), codecs: attributes.get('CODECS') }
      }),
    )
    const [first, ...others] = files.map(({ file }) => packetsOf(file))
    const times = JSON.stringify(first)
    const figures: Figure[] = [
      { name: 'renditions', value: files.length, unit: '' },
      { name: 'frames of each', value: first?.length ?? 0, unit: '' },
      {
        name: 'keyframes of each',
        value: first?.filter(({ flags }) => flags.includes('K')).length ?? 0,
        unit: '',
      },
      {
        name: 'renditions whose frames or keyframes differ from the first',
        value: others.filter((packets) => JSON.stringify(packets) !== times).length,
        unit: '',
        atMost: 0,
      },
      {
        name: 'renditions of another size or codec than said',
        value: files.filter((each) => !isAsAnnounced(each)).length,
        unit: '',
        atMost: 0,
      },
    ]
    return resultOf(
      figures,
      files.map(({ file }) => JSON.stringify(streamOf(file))),
    )
  } finally {
    dir.remove()
    await channel.stop()
  }
}

/** Fetches the init segment and segments 1 to `count` of a rendition, as the bytes of one file. */
async function collect(
  channel: Awaited<ReturnType<typeof startLiveChannel>>,
  uri: string,
  count: number,
): Promise<Buffer> {
  const bodies: Buffer[] = []
  for (let msn = 1; msn <= count; msn++) {
    const { playlist } = await channel.playlistAt(uri, `_HLS_msn=${msn}`)
    const segment = playlist.segments.find((each) => each.msn === msn)
    if (!segment?.uri || !segment.map) throw new Error(`segment ${msn} of ${uri} is not there`)
    if (bodies.length === 0) bodies.push((await channel.mediaAt(uri, segment.map)).body)
    bodies.push((await channel.mediaAt(uri, segment.uri)).body)
  }
  return Buffer.concat(bodies)
}

const probe = (file: string, what: string[]) =>
  JSON.parse(
    execFileSync('ffprobe', ['-v', 'error', '-of', 'json', ...what, file], { maxBuffer: 2 ** 26 }).toString(),
  )

function packetsOf(file: string): Packet[] {
  const { packets } = probe(file, ['-show_entries', 'packet=pts,flags']) as { packets: Packet[] }
  return packets.map(({ pts, flags }) => ({ pts, flags }))
}

function streamOf(file: string) {
  const { streams } = probe(file, [
    '-show_entries',
    'stream=codec_name,profile,level,width,height,pix_fmt',
  ]) as {
    streams: { codec_name: string; width: number; height: number; level: number }[]
  }
  return streams[0]
}

interface Collected {
  file: string
  resolution: string | undefined
  codecs: string | undefined
}

/** Whether the stream is H.264 with the resolution and the level that the multivariant playlist states. */
function isAsAnnounced({ file, resolution, codecs }: Collected): boolean {
  const stream = streamOf(file)
  const level = Number.parseInt(/^avc1\.....(..)/.exec(codecs ?? '')?.[1] ?? '', 16)
  return (
    stream?.codec_name === 'h264' &&
    `${stream.width}x${stream.height}` === resolution &&
    stream.level === level
  )
}
