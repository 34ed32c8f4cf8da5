/** Every bound on what clients send and on how long they take. Times are in ms, sizes in bytes. */

/** Maximum time from the connection to the end of the RTMP handshake. */
export const handshakeTimeoutMs = 5000
/** Maximum time from the handshake to a publish command. */
export const commandTimeoutMs = 10_000
/** Maximum time to look a key up and claim its channel. Then the publisher is refused. */
export const authorizationTimeoutMs = 5000
/** Maximum silence of a publisher: no video, no audio. */
export const idleTimeoutMs = 10_000
/** Maximum time that our responses may wait for a peer that does not read them. */
export const writeTimeoutMs = 10_000
/** Time that a refused peer has to read the reason before the connection is cut. */
export const lingerMs = 2000
/** Time that publishers have to leave when the server stops. */
export const closeGraceMs = 1000
/** Interval of the check for timeouts, and so their maximum delay. */
export const sweepMs = 500

/** Maximum bytes that one connection may send before its key is accepted, handshake included. */
export const maxBytesBeforePublish = 64 * 1024
/** Maximum size of a message of each kind. A keyframe of 4 MB would be 2 s of 16 Mbit/s. */
export const maxVideoMessage = 4 * 1024 * 1024
export const maxAudioMessage = 256 * 1024
export const maxOtherMessage = 64 * 1024
/** Maximum total size of the messages that one publisher has begun and not completed. */
export const maxUnfinishedMessages = 8 * 1024 * 1024
/** Maximum number of chunk streams of one connection. */
export const maxChunkStreams = 32
/**
 * Minimum chunk size, because smaller chunks cost more than they carry. The RTMP specification recommends at
 * least 128 (section 5.4.1).
 */
export const minChunkSize = 128
/** Maximum chunk size. A larger one has the same effect, because no message is larger (section 5.4.1). */
export const maxChunkSize = 0xffffff
/** Maximum nesting of objects and arrays in a command. */
export const maxAmfDepth = 8
/** Maximum number of values in a command. */
export const maxAmfValues = 1000
/** Maximum bytes of our responses that wait for one peer. */
export const maxUnsentBytes = 64 * 1024
/** Maximum length of a stream key, characters. */
export const maxKeyLength = 200
