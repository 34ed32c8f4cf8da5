import { SimulatedViewer } from './simulated-viewer.ts'
import type { Viewer, ViewerDependencies, ViewerOptions } from './viewer-options.ts'

/** Creates a viewer, who does nothing before `start`. */
export const createViewer = (dependencies: ViewerDependencies, options: ViewerOptions): Viewer =>
  new SimulatedViewer(dependencies, options)
