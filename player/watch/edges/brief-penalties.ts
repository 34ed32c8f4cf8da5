import Hls, { Events, type SteeringManifestLoadedData } from 'hls.js'

type SteeringController = NonNullable<typeof Hls.DefaultConfig.contentSteeringController>

/** The field of hls.js in which it keeps since when it avoids each edge, ms of `performance.now()`. */
interface Penalties {
  penalizedPathways: Record<string, number>
}

/** Time for which an edge is avoided after a failure although the steering server lists it, ms. */
const penaltyMs = 10_000

/**
 * Returns a controller class for content steering that avoids an edge for `penaltyMs` after a failure there,
 * if the steering server lists it. hls.js avoids it for five minutes, so a viewer could not leave an edge
 * that drains for one that was restarted shortly before.
 */
export function briefPenalties(now = () => performance.now()): SteeringController {
  const Base = Hls.DefaultConfig.contentSteeringController as SteeringController

  return class extends Base {
    constructor(hls: Hls) {
      super(hls)
      // hls.js reports a steering manifest before it follows it.
      hls.on(Events.STEERING_MANIFEST_LOADED, (_, data) => this.forgive(data))
    }

    forgive({ steeringManifest }: SteeringManifestLoadedData) {
      const { penalizedPathways } = this as unknown as Penalties
      for (const pathway of steeringManifest['PATHWAY-PRIORITY']) {
        const since = penalizedPathways[pathway]
        if (since !== undefined && now() - since > penaltyMs) delete penalizedPathways[pathway]
      }
    }
  }
}
