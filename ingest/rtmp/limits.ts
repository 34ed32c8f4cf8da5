/**
 * Bounds on what clients send. Times are in ms, sizes in bytes. The deadlines of connections are in
 * `core/connections/deadlines.ts`.
 */

/** Time for clients to close their connections when the server stops. After it they are cut. */
export const closeGraceMs = 1000
/** Interval of the check for timeouts. A timeout is noticed at most this much later. */
export const sweepMs = 500

/**
 * Maximum bytes from the start of a connection to its publish command, handshake included. What arrives after
 * the command while the key is checked does not count.
 */
export const maxBytesBeforePublish = 64 * 1024
/**
 * Maximum size of one message by its kind; an aggregate counts as video. Before the key is accepted
 * `maxOtherMessage` applies to all. A keyframe of 4 MB is as large as 2 s of media at 16 Mbit/s.
 */
export const maxVideoMessage = 4 * 1024 * 1024
export const maxAudioMessage = 256 * 1024
export const maxOtherMessage = 64 * 1024
/** Maximum total size of the messages of one publisher that have begun and are not complete. */
export const maxUnfinishedMessages = 8 * 1024 * 1024
/** Maximum number of messages of one connection that are discarded because another one begins inside them. */
export const maxAbandonedMessages = 1000
/** Maximum number of chunk streams of one connection. */
export const maxChunkStreams = 32
/**
 * Maximum chunk size (RTMP 1.0 section 5.4.1). No message is larger, so a larger chunk size changes nothing.
 */
export const maxChunkSize = 0xffffff
/** Maximum nesting of objects and arrays in a command or in metadata. */
export const maxAmfDepth = 8
/** Maximum number of values in a command or in metadata, nested ones included. */
export const maxAmfValues = 1000
/**
 * Maximum size of the responses that wait to be sent to one peer. With more, the next response cuts the
 * connection.
 */
export const maxUnsentBytes = 64 * 1024
/** Maximum length of a stream key, characters. */
export const maxKeyLength = 200
