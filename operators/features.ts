import type { KubernetesApi } from './runtime/api.js';
import type { OperatorContext, OperatorFeature } from './runtime/operator.js';
import type { Options } from './runtime/options.js';

/** What features get of the process beside their context. */
export interface ProcessParts {
  /** For what every replica may write, leader or not. */
  readonly unfenced: KubernetesApi;
  /** Name of this process in Events. */
  readonly instance: string;
  readonly options: Options;
}

/** All features of the operator. Caches that several of them read are made here, once. */
export function createFeatures(_context: OperatorContext, _parts: ProcessParts): readonly OperatorFeature[] {
  return [];
}
