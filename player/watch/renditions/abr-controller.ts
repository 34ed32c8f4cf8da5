import Hls from 'hls.js'
import type { Adaptation } from './adaptation.ts'

type AbrController = NonNullable<typeof Hls.DefaultConfig.abrController>

/** Creates an ABR controller class for hls.js that asks `adaptation` for the level. */
export function abrControllerOf(adaptation: Adaptation): AbrController {
  const Base = Hls.DefaultConfig.abrController

  return class extends Base {
    protected override registerListeners() {
      adaptation.attach(this.hls)
    }
    protected override unregisterListeners() {
      adaptation.close()
    }
    override get firstAutoLevel() {
      return adaptation.level
    }
    override get forcedAutoLevel() {
      return -1
    }
    override get nextAutoLevel() {
      return adaptation.level
    }
    override set nextAutoLevel(level: number) {
      adaptation.level = level
    }
    override resetEstimator() {}
  }
}
