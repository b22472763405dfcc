import { type RenderedFile, renderYaml } from '../../render.js';
import type { OperatorOptions } from './names.js';
import { operatorManifests } from './operator-chart.js';

export { OperatorChart, operatorManifests } from './operator-chart.js';
export { DEFAULT_OPERATOR_OPTIONS, type OperatorOptions } from './names.js';
export { canAvoidNodes } from './avoid-failed-nodes.js';

/** The installation as files for `kubectl apply -f`. */
export function renderOperator(options: OperatorOptions): readonly RenderedFile[] {
  return [...operatorManifests(options)].map(([path, manifests]) => ({ path, text: renderYaml(manifests) }));
}
