// This file has no imports: reports contain it, so that their inputs can be changed.

/** What the model assumes. Prices are in one currency. */
export interface ModelInputs {
  viewers: number
  /** Renditions that a viewer loads at once: picture and sound. */
  tracks: number
  /** Bitrate of all tracks together, Mbit/s. */
  mbit: number
  /** Length of a part, s; 0: classic HLS, without parts. */
  partSeconds: number
  segmentSeconds: number
  /** Renditions of the channel, and kinds of playlist for each part: whole and delta. */
  renditions: number
  playlistKinds: number
  /** CPU that one viewer costs an edge, cores. */
  cpuPerViewer: number
  /** Memory that 1000 viewers cost an edge, MB. */
  memoryMbPer1000: number
  /** One edge: its cores, network, memory, and the connections that it accepts. */
  cores: number
  gbit: number
  memoryGb: number
  connections: number
  /** Connections of one viewer. */
  connectionsPerViewer: number
  /** Edges or shields that request from one shield or origin. */
  fanOut: number
  /** Price of traffic for each GB, of 10,000 requests, and of an edge for each hour. */
  pricePerGb: number
  pricePer10kRequests: number
  pricePerEdgeHour: number
}

type Resource = 'cpu' | 'network' | 'memory' | 'connections'

export interface ModelResult {
  requestsPerSecond: number
  gbit: number
  /** Edges that each resource alone would need, and the largest of them. */
  edgesFor: { cpu: number; network: number; memory: number; connections: number }
  edges: number
  /** The resource that needs the most edges. */
  bottleneck: Resource
  /** The resource that needs the most edges once there is enough of that one. */
  nextBottleneck: Resource
  /** Shields of each tier, from the edges on; none when the origin serves all edges. */
  shields: number[]
  originRequestsPerSecond: number
  /** Price for each viewer and hour. */
  traffic: number
  requests: number
  servers: number
  total: number
}

/** Shares of an edge's resources that may be used, so that there is room for a spike. */
const usable = { cpu: 0.6, network: 0.8, memory: 0.8, connections: 1 }

/** Returns what a crowd needs. It is arithmetic: see the report for the range in which it was measured. */
export function predict(inputs: ModelInputs): ModelResult {
  const { viewers, tracks, mbit, partSeconds, segmentSeconds, fanOut } = inputs
  const piece = partSeconds > 0 ? partSeconds : segmentSeconds
  // Each piece costs a playlist and the media.
  const requestsPerViewer = (2 * tracks) / piece
  const edgesFor = {
    cpu: (viewers * inputs.cpuPerViewer) / (usable.cpu * inputs.cores),
    network: (viewers * mbit) / 1000 / (usable.network * inputs.gbit),
    memory: (viewers * inputs.memoryMbPer1000) / 1e6 / (usable.memory * inputs.memoryGb),
    connections: (viewers * inputs.connectionsPerViewer) / (usable.connections * inputs.connections),
  }
  const resources = Object.keys(edgesFor) as (keyof typeof edgesFor)[]
  const sorted = resources.sort((one, other) => edgesFor[other] - edgesFor[one])
  const [bottleneck = 'cpu', nextBottleneck = 'network'] = sorted
  const edges = Math.max(1, Math.ceil(edgesFor[bottleneck]))
  const shields: number[] = []
  for (let below = edges; below > fanOut && fanOut > 1; ) {
    below = Math.ceil(below / fanOut)
    shields.push(below)
  }
  const children = shields.at(-1) ?? edges
  const perVersion = partSeconds > 0 ? inputs.playlistKinds + 1 : 2
  const traffic = 0.45 * mbit * inputs.pricePerGb
  const requests = (3600 * requestsPerViewer * inputs.pricePer10kRequests) / 10_000
  const servers = ((edges + shields.reduce((sum, each) => sum + each, 0)) * inputs.pricePerEdgeHour) / viewers
  return {
    requestsPerSecond: viewers * requestsPerViewer,
    gbit: (viewers * mbit) / 1000,
    ...{ edgesFor, edges, bottleneck, nextBottleneck, shields },
    originRequestsPerSecond: (children * perVersion * inputs.renditions) / piece,
    ...{ traffic, requests, servers, total: traffic + requests + servers },
  }
}
