import { expect, test } from 'vitest'
import { mediaFrom, readMediaPlaylist } from './media-playlist.ts'

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

test('media begins at the last keyframe before the position', () => {
  const read = readMediaPlaylist(playlist, base)
  expect(mediaFrom(read, 3)).toEqual(['init.mp4', '8.2.m4s', '8.3.m4s', '9.0.m4s'].map(url))
  expect(mediaFrom(read, 2.9)).toEqual(
    ['init.mp4', '8.0.m4s', '8.1.m4s', '8.2.m4s', '8.3.m4s', '9.0.m4s'].map(url),
  )
  expect(mediaFrom(read, 1)).toEqual(expect.arrayContaining(['init.mp4', '7.m4s', '8.0.m4s'].map(url)))
})

test('each init segment comes before its media', () => {
  const changed = playlist.replace(
    '#EXT-X-PART:DURATION=0.5,URI="1/480p/9.0',
    '#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="2/480p/init.mp4"\n$&',
  )
  expect(mediaFrom(readMediaPlaylist(changed, base), 3.5)).toEqual([
    ...['init.mp4', '8.2.m4s', '8.3.m4s'].map(url),
    url('init.mp4').replace('/1/', '/2/'),
    url('9.0.m4s'),
  ])
})

test('there is no next reload after the end, nor without blocking reloads', () => {
  expect(readMediaPlaylist(`${playlist}#EXT-X-ENDLIST\n`, base).next).toBeUndefined()
  expect(readMediaPlaylist(playlist.replace('CAN-BLOCK-RELOAD=YES,', ''), base).next).toBeUndefined()
  expect(readMediaPlaylist('', base)).toMatchObject({ segments: [], liveEdge: 0, next: undefined })
  expect(mediaFrom(readMediaPlaylist('', base), 0)).toEqual([])
})
