/** Every bound that ingest keeps against what comes from outside. Times are in ms, sizes in bytes. */

/** From the connection to the end of the RTMP handshake. */
export const handshakeTimeoutMs = 5000
/** From the handshake to a publish command. */
export const commandTimeoutMs = 10_000
/** Longest look-up of a key and claim of a channel before the publisher is refused. */
export const admissionTimeoutMs = 5000
/** Longest silence of a publisher: no video, no audio. */
export const idleTimeoutMs = 10_000
/** Longest time that our answers may wait for a peer that does not read them. */
export const writeTimeoutMs = 10_000
/** How long a refused peer is listened to, so that it can read why before the connection is cut. */
export const lingerMs = 2000
/** How long publishers may take to go when the server stops. */
export const closeGraceMs = 1000
/** How often timeouts are looked at; they are late by at most this. */
export const sweepMs = 500

/** All that one connection may send before its key was accepted, handshake included. */
export const maxBytesBeforePublish = 64 * 1024
/** Messages of each kind. A keyframe of 4 MB would be 2 s of 16 Mbit/s. */
export const maxVideoMessage = 4 * 1024 * 1024
export const maxAudioMessage = 256 * 1024
export const maxOtherMessage = 64 * 1024
/** Messages that one publisher has begun and not ended. */
export const maxUnfinishedMessages = 8 * 1024 * 1024
/** Chunk streams that one connection may use. */
export const maxChunkStreams = 32
/** Smaller chunks cost more than they carry; section 5.4.1 of the RTMP specification advises at least 128. */
export const minChunkSize = 128
/** A chunk larger than the largest message means just that message (section 5.4.1). */
export const maxChunkSize = 0xffffff
/** Objects and arrays inside one another in a command. */
export const maxAmfDepth = 8
/** Values in one command. */
export const maxAmfValues = 1000
/** Our own answers that wait for one peer. */
export const maxUnsentBytes = 64 * 1024

/** Media kept for a transcoder that comes: since the newest keyframe, at most this. */
export const maxGopBytes = 32 * 1024 * 1024
export const maxGopMs = 30_000
/** How far an FLV reader may lag behind, beyond what it was given at its start. */
export const maxReaderLagBytes = 16 * 1024 * 1024
/** FLV readers of one session. */
export const maxReadersPerSession = 8

/** Grants remembered for the time when Redis is away. */
export const maxRememberedGrants = 10_000
/** Session events kept while Redis is away. */
export const maxUnsentEvents = 1000
