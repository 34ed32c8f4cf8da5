#!/bin/sh
# Relays a live source (RTSP camera, SRT, MPEG-TS, HLS) without encoding the video again. The source must be
# H.264 with a keyframe at least every 2 s. The sound is encoded again, because AAC from MPEG-TS lacks the header
# that RTMP needs.
#   relay.sh rtsp://camera.example/stream rtmp://127.0.0.1:1935/live/STREAM_KEY
set -eu
exec ffmpeg -hide_banner \
  -i "${1:?address of the source}" \
  -c:v copy -c:a aac -b:a 128k -ar 48000 -ac 2 \
  -f flv "${2:?address of the server and stream key}"
