import { expect, test } from 'vitest'
import { readVariants } from './multivariant.ts'

const base = 'http://edge.example/live/show/index.m3u8'
const playlist = `#EXTM3U
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aud",NAME="Sound, stereo",DEFAULT=YES,AUTOSELECT=YES,URI="s_1/audio.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=5000000,RESOLUTION=1920x1080,CODECS="avc1.640028,mp4a.40.2",AUDIO="aud"
s_1/1080p.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=1500000,RESOLUTION=854x480,CODECS="avc1.64001e,mp4a.40.2",AUDIO="aud"
s_1/480p.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=500000,RESOLUTION=426x240,CODECS="avc1.640015",AUDIO="none"
s_1/240p.m3u8
`

test('parses variants with their audio', () => {
  expect(readVariants(playlist, base)).toEqual([
    {
      url: 'http://edge.example/live/show/s_1/1080p.m3u8',
      bandwidth: 5_000_000,
      width: 1920,
      codecs: 'avc1.640028,mp4a.40.2',
      audio: 'http://edge.example/live/show/s_1/audio.m3u8',
    },
    expect.objectContaining({ width: 854, audio: 'http://edge.example/live/show/s_1/audio.m3u8' }),
    expect.objectContaining({ width: 426, audio: undefined }),
  ])
  expect(readVariants('not a playlist', base)).toEqual([])
})
