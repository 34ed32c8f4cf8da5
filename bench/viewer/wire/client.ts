/** A response of a server. `body` is valid only while the listener runs: its memory is used again. */
export interface ViewerResponse {
  status: number
  body: Buffer
  /** Value of the `Age` header, s; 0 without one. */
  ageSeconds: number
  /** Seconds in Retry-After; NaN when the response has no such field. */
  retryAfterSeconds: number
  /** When the first byte arrived, ms of `performance.now()`. */
  firstByteAt: number
}

/** What a viewer learns of one request. One of the methods is called, once, unless the request is aborted. */
export interface ResponseListener {
  onResponse(response: ViewerResponse): void
  /** Called when there is no whole response: the connection was refused, ended or broke. */
  onFailure(): void
}

/** A request in progress. */
export interface PendingRequest {
  /** Cancels the request. With HTTP/1.1 its connection is lost. Has no effect after the response. */
  abort(): void
}

/** The connections of one viewer to one server. */
export interface ViewerConnections {
  /** Sends a request for a path with its query. */
  request(target: string, listener: ResponseListener): PendingRequest
  /** Aborts all requests and closes all connections. */
  close(): void
}
