import type { Texts } from './texts.ts'

/** English sentences. Names of menus and settings are those of OBS Studio. */
export const english: Texts = {
  starved: [
    'Nothing arrived from you for {measured}.',
    'The picture freezes until data arrives again.',
    'Check your connection: use a cable instead of Wi-Fi, and stop uploads on the same line.',
  ],
  uplink_behind: [
    'Your stream arrives {measured} later than usual.',
    'The picture stutters or freezes, and the delay grows.',
    'In OBS lower Settings → Output → Streaming → Bitrate, or turn on "Dynamically change bitrate to manage congestion" in Settings → Advanced.',
  ],
  uplink_saturated: [
    'Your line needs {measured} of the time that the video lasts, so it is full.',
    'The delay grows, and the picture will freeze soon.',
    'In OBS lower Settings → Output → Streaming → Bitrate to about 70 % of what your line can upload.',
  ],
  faster_than_realtime: [
    'Media arrives faster than it plays: it is {measured} ahead.',
    'Playback jumps, because the times of the pictures are wrong.',
    'Send in real time: with ffmpeg put -re before the input; in OBS restart the stream.',
  ],
  jitter_high: [
    'Data arrives unevenly, with {measured} of jitter instead of {wanted} or less.',
    'The picture may stutter for viewers who watch close to live.',
    'Use a cable instead of Wi-Fi, and close programs that upload.',
  ],
  frames_missing: [
    '{measured} of the frames never arrived.',
    'Motion is jerky.',
    'In OBS open Docks → Stats: if frames are skipped due to encoding lag, choose a faster encoder preset or a lower resolution; if frames are dropped by the network, lower the bitrate.',
  ],
  bitrate_unstable: [
    'Your bitrate varies by {measured} and falls while data comes late.',
    'The picture becomes blurred at times.',
    'In OBS set Settings → Output → Streaming → Rate Control to CBR, and choose a bitrate that your line can hold.',
  ],
  timestamps_jump: [
    'The clock of your stream jumped in the last seconds; number of jumps: {measured}.',
    'Playback skips or repeats for a moment.',
    'In OBS stop and start the stream, and remove sources that change their frame rate or device clock.',
  ],
  av_skew: [
    'Sound and picture arrive {measured} apart.',
    'Lips and voice may not match.',
    'In OBS check Advanced Audio Properties → Sync Offset, and that the encoder is not overloaded (Docks → Stats).',
  ],
  reconnects: [
    'Your connection broke {measured} times within ten minutes.',
    'The show is interrupted again and again.',
    'Use a cable instead of Wi-Fi, and restart your router. In OBS keep Settings → Advanced → Automatically Reconnect on.',
  ],
  keyframe_interval_long: [
    'Keyframes come every {measured} instead of {wanted}.',
    'It takes long until the picture appears, and quality changes late.',
    'In OBS set Settings → Output → Streaming → Keyframe Interval to 2 s.',
  ],
  keyframe_interval_high_for_latency: [
    'Keyframes come every {measured}; low latency wants {wanted}.',
    'New viewers wait longer for the picture.',
    'In OBS set Settings → Output → Streaming → Keyframe Interval to 2 s.',
  ],
  keyframe_interval_short: [
    'Keyframes come every {measured}, more often than useful.',
    'The picture is worse than your bitrate allows.',
    'In OBS set Settings → Output → Streaming → Keyframe Interval to 2 s.',
  ],
  keyframe_interval_unsteady: [
    'The distance of keyframes varies, up to {measured}.',
    'Quality changes and joins take unequal times.',
    'In OBS set Keyframe Interval to 2 s instead of 0 (auto), and add scenecut=0 to x264 Options.',
  ],
  open_gop: [
    'Keyframes are not clean starts; number in the last seconds: {measured}.',
    'The picture may be broken for a moment when viewers join or the quality changes.',
    'Turn off open GOP in the encoder: with x264 add open-gop=0 to x264 Options; other encoders call it Closed GOP or IDR interval.',
  ],
  video_bitrate_low: [
    'The video has {measured}; this size and frame rate need about {wanted}.',
    'The picture is blurred or blocky when it moves.',
    'In OBS raise Settings → Output → Streaming → Bitrate, or lower Output (Scaled) Resolution in Settings → Video.',
  ],
  video_bitrate_high: [
    'The video has {measured}; more than {wanted} improves nothing at this size.',
    'Viewers with slower lines get stalls at the highest quality.',
    'In OBS lower Settings → Output → Streaming → Bitrate.',
  ],
  video_missing: [
    'No picture has arrived for {measured}.',
    'Viewers hear sound, but the picture stays.',
    'In OBS check that the encoder works (Settings → Output → Streaming → Video Encoder), and restart the stream.',
  ],
  audio_missing: [
    'No sound has arrived for {measured}.',
    'The show is silent.',
    'In OBS choose an audio track in Settings → Output → Streaming → Audio Track, and check the devices in Settings → Audio.',
  ],
  frame_rate_low: [
    'The frame rate fell to {measured} from {wanted}.',
    'Motion is jerky.',
    'Your computer or camera is too slow: in OBS lower Settings → Video → Common FPS Values or Output (Scaled) Resolution, or choose a faster encoder preset.',
  ],
  frame_rate_variable: [
    'The time between frames varies by {measured}.',
    'Motion is not smooth.',
    'Set a constant frame rate: in OBS Settings → Video → Common FPS Values; on a phone turn off automatic frame rates.',
  ],
  frame_rate_high: [
    'You send {measured}; screens of viewers show {wanted} at most.',
    'No viewer sees the additional frames, and each one has fewer bits.',
    'In OBS set Settings → Video → Common FPS Values to 60 or 30.',
  ],
  resolution_odd: [
    'The picture has {measured}, which is an unusual size.',
    'Viewers see black bars or a resized picture.',
    'In OBS set Settings → Video → Output (Scaled) Resolution to {wanted} or 1280×720.',
  ],
  video_not_browser_friendly: [
    'The video is {measured}, which many browsers cannot play.',
    'Viewers get a converted picture, and none if the server has no room for that.',
    'In OBS set Settings → Advanced → Color Format to NV12, which is {wanted}.',
  ],
  profile_level_high: [
    'The video uses H.264 level {measured}; many devices stop at {wanted}.',
    'Older phones and TVs may not play the highest quality.',
    'In OBS lower the resolution or the frame rate in Settings → Video.',
  ],
  profile_baseline: [
    'The video uses the {measured} profile of H.264.',
    'The picture is worse than your bitrate allows.',
    'In OBS set Settings → Output → Streaming → Profile to {wanted}.',
  ],
  b_frames: [
    'The encoder uses B-frames, which delay the picture by {measured}.',
    'The delay is longer than ultra-low latency allows.',
    'In OBS set Max B-frames to 0, or Tune to zerolatency, in Settings → Output → Streaming.',
  ],
  interlaced: [
    'The picture is {measured}.',
    'Moving edges look like combs.',
    'Set your camera or capture card to a {wanted} mode (for example 1080p), or in OBS choose Deinterlacing in the menu of the source.',
  ],
  audio_bitrate_low: [
    'The sound has {measured}; good sound needs {wanted}.',
    'Music and voices sound dull.',
    'In OBS set Settings → Output → Audio → Audio Bitrate to 160.',
  ],
  audio_bitrate_high: [
    'The sound has {measured}; more than {wanted} improves nothing.',
    'Viewers with slow lines get stalls.',
    'In OBS set Settings → Output → Audio → Audio Bitrate to 160.',
  ],
  audio_sample_rate: [
    'The sound has a sample rate of {measured}.',
    'The sound is dull, and some devices do not play it.',
    'In OBS set Settings → Audio → Sample Rate to 48 kHz.',
  ],
  audio_channels: [
    'The sound has {measured} channels.',
    'Most viewers hear a mix of two.',
    'In OBS set Settings → Audio → Channels to Stereo, unless you want surround sound.',
  ],
  transcode_behind: [
    'The server is {measured} behind with the qualities that it makes.',
    'The delay grows, and the picture may freeze.',
    'The server is too busy: ask its operator for fewer qualities, or send a lower resolution or 30 frames/s.',
  ],
  viewers_stalling: [
    'Playback stands still for {measured} of the time that viewers watch.',
    'Viewers see a spinner.',
    'Your signal is well: ask the operator to look at the servers, or send less than the lines of your viewers carry.',
  ],
  viewers_cannot_follow: [
    'A quarter of the viewers has {measured} or less; the lowest quality needs {wanted}.',
    'These viewers get stalls.',
    'Ask the operator for a lower quality in the ladder of qualities.',
  ],
}
