#!/bin/sh
# Publishes a moving test pattern with a 440 Hz tone until it is stopped.
#   publish-test-pattern.sh rtmp://127.0.0.1:1935/live/STREAM_KEY
set -eu
exec ffmpeg -hide_banner \
  -re -f lavfi -i testsrc2=size=1280x720:rate=30 \
  -re -f lavfi -i sine=frequency=440:sample_rate=48000 \
  -c:v libx264 -preset veryfast -tune zerolatency -profile:v high -pix_fmt yuv420p \
  -b:v 2500k -maxrate 2500k -bufsize 2500k -g 60 \
  -c:a aac -b:a 128k -ac 2 \
  -f flv "${1:?address of the server and stream key}"
