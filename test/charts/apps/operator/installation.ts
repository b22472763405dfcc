import type { Manifest } from '../../../../charts/port/manifest.js';
import { operatorManifests } from '../../../../charts/apps/operator/operator-chart.js';
import { DEFAULT_OPERATOR_OPTIONS, type OperatorOptions } from '../../../../charts/apps/operator/names.js';

/** Everything that can be asked for at once. */
export const ALL: OperatorOptions = {
  ...DEFAULT_OPERATOR_OPTIONS,
  image: 'registry.example/tranship:0.1.0',
  kubernetes: '1.36',
  eventBus: 'healing',
  topic: 'arn:aws:sns:eu-west-1:111122223333:healing',
  region: 'eu-west-1',
  roleArn: 'arn:aws:iam::111122223333:role/tranship',
  otlpEndpoint: 'http://collector.observability:4318',
  prometheusRule: true,
};

/** All objects of an installation, in the order in which they are applied. */
export function installation(options: Partial<OperatorOptions> = {}): readonly Manifest[] {
  return [...operatorManifests({ ...ALL, ...options }).values()].flat();
}

/** The one object of a kind and, where there are several, of a name. */
export function find(kind: string, name?: string, manifests = installation()): Manifest {
  const found = manifests.filter(
    (manifest) => manifest.kind === kind && (name === undefined || manifest.metadata.name === name),
  );
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} objects are ${kind} ${name ?? ''}`);
  return only;
}
