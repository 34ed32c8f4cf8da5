import { expect, test } from 'vitest'
import { mediaUrls, readMediaPlaylist } from './media-playlist.ts'

const base = 'http://edge.example/live/show/s_1/480p.m3u8'
const url = (name: string) => `http://edge.example/live/show/s_1/1/480p/${name}`
const playlist = `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,HOLD-BACK=6,PART-HOLD-BACK=1.5
#EXT-X-PART-INF:PART-TARGET=0.5
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-MAP:URI="1/480p/init.mp4"
#EXTINF:2,
1/480p/7.m4s
#EXT-X-PART:DURATION=0.5,URI="1/480p/8.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.5,URI="1/480p/8.1.m4s"
#EXT-X-PART:DURATION=0.5,URI="1/480p/8.2.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.5,URI="1/480p/8.3.m4s"
#EXTINF:2,
1/480p/8.m4s
#EXT-X-PART:DURATION=0.5,URI="1/480p/9.0.m4s",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="1/480p/9.1.m4s"
`

test('reads the live edge, the hold-back and the next reload', () => {
  const { liveEdge, holdBack, next } = readMediaPlaylist(playlist, base)
  expect({ liveEdge, holdBack, next }).toEqual({
    liveEdge: 4.5,
    holdBack: 1.5,
    next: `${base}?_HLS_msn=9&_HLS_part=1`,
  })
})

test('media is parts where they are listed, segments elsewhere, each at its place', () => {
  const read = readMediaPlaylist(playlist, base)
  const names = ['7.m4s', '8.0.m4s', '8.1.m4s', '8.2.m4s', '8.3.m4s', '9.0.m4s']
  expect(mediaUrls(read)).toEqual(names.map(url))
  expect(names.map((name) => read.placeOf(url(name))?.start)).toEqual([0, 2, 2.5, 3, 3.5, 4])
  expect(read.placeOf(url('1.m4s'))).toBeUndefined()
})

test('there is no next reload after the end, nor without blocking reloads', () => {
  expect(readMediaPlaylist(`${playlist}#EXT-X-ENDLIST\n`, base).next).toBeUndefined()
  expect(readMediaPlaylist(playlist.replace('CAN-BLOCK-RELOAD=YES,', ''), base).next).toBeUndefined()
  expect(readMediaPlaylist('', base)).toMatchObject({ segments: [], liveEdge: 0, next: undefined })
  expect(mediaUrls(readMediaPlaylist('', base))).toEqual([])
})
