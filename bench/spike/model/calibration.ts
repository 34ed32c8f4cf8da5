/** A figure that was measured with a number of viewers. */
export interface ModelPoint {
  viewers: number
  value: number
}

export interface Prediction {
  figure: string
  architecture: string
  viewers: number
  predicted: number
  measured: number
  /** Relative error with its sign: positive when too much was predicted. */
  error: number
  /** Whether the model claims this point. */
  isClaimed: boolean
}

/** Largest error with which a prediction is claimed. */
export const maxError = 0.2

/** Returns the line through the points (least squares), as the value for a number of viewers. */
export function calibrate(points: readonly ModelPoint[]): { base: number; perViewer: number } {
  const mean = (of: (point: ModelPoint) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [meanViewers, meanValue] = [mean(({ viewers }) => viewers), mean(({ value }) => value)]
  const above = mean(({ viewers, value }) => (viewers - meanViewers) * (value - meanValue))
  const below = mean(({ viewers }) => (viewers - meanViewers) ** 2)
  const perViewer = below === 0 ? meanValue / meanViewers : above / below
  return { base: meanValue - perViewer * meanViewers, perViewer }
}

/** Compares predictions from calibration points with points that were not used for it. */
export function comparePredictions(
  figure: string,
  calibration: readonly ModelPoint[],
  unseen: readonly (ModelPoint & { architecture: string })[],
): Prediction[] {
  const { base, perViewer } = calibrate(calibration)
  return unseen.map(({ architecture, viewers, value }) => {
    const predicted = base + perViewer * viewers
    const error = predicted / value - 1
    return {
      ...{ figure, architecture, viewers, predicted, error },
      measured: value,
      isClaimed: Math.abs(error) <= maxError,
    }
  })
}
