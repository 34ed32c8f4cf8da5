#!/bin/sh
# Publishes a video file in a loop, encoded so that the source itself can be passed through to viewers:
# H.264 high, 8-bit 4:2:0, a keyframe every 2 s whatever the frame rate, and AAC.
#   publish-file.sh show.mp4 rtmp://127.0.0.1:1935/live/STREAM_KEY
set -eu
exec ffmpeg -hide_banner \
  -re -stream_loop -1 -i "${1:?video file}" \
  -c:v libx264 -preset veryfast -tune zerolatency -profile:v high -pix_fmt yuv420p \
  -b:v 4500k -maxrate 4500k -bufsize 4500k -force_key_frames 'expr:gte(t,n_forced*2)' \
  -c:a aac -b:a 160k -ar 48000 -ac 2 \
  -f flv "${2:?address of the server and stream key}"
