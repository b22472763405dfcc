/** What a team imports to use ECS's words in its own cdk8s app, or to port in a program of its own. */
export { DEFAULT_OPERATOR_OPTIONS, OperatorChart, type OperatorOptions } from './apps/operator/index.js';
export { EcsCluster, type EcsClusterProps } from './constructs/ecs-cluster.js';
export { EcsService, type EcsServiceProps } from './constructs/ecs-service.js';
export { EcsTask, type EcsTaskProps } from './constructs/ecs-task.js';
export { type Diagnostic, formatDiagnostic, InputError } from './ecs/diagnostic.js';
export { type InputFile, type ReadFilesOptions, readFiles, type ReadResult } from './ecs/read.js';
export { KUBERNETES_VERSIONS, type KubernetesVersion } from './port/kubernetes-version.js';
export type { Manifest } from './port/manifest.js';
export type { PortOptions } from './port/options.js';
export { manifestsOf, type Port, type PortedWorkload, portInput } from './port/port.js';
export { type RenderedFile, renderFiles, renderYaml } from './render.js';
export { type Entry, Ledger } from './report/ledger.js';
export { FIDELITIES, type Fidelity, type Mark } from './report/fidelity.js';
