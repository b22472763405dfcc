import { closest } from '../closest.js';
import type { EcsInput, InputDocument, Reader, ReadOptions } from '../input.js';
import { positionOf } from '../source/source-node.js';
import { type ContainerType } from './copilot/manifest.js';
import { readEnvironment, readPipeline, readStaticSite } from './copilot/without-containers.js';
import { readWorkload } from './copilot/workload.js';
import { Coverage } from './derived/coverage.js';
import { at, textOf } from './derived/nodes.js';

const CONTAINER_TYPES: readonly ContainerType[] = [
  'Load Balanced Web Service',
  'Backend Service',
  'Worker Service',
  'Scheduled Job',
  'Request-Driven Web Service',
];
const TYPES: readonly string[] = [...CONTAINER_TYPES, 'Static Site', 'Environment'];

/**
 * Reads manifests of AWS Copilot: services and jobs become a task definition with a service or a schedule, with the
 * overrides of `options.environment` applied; static sites, environments and pipelines are accounted for only.
 *
 * What Copilot makes when it deploys is not in a manifest and stays a named placeholder unless `options.parameters` has it:
 * `image.NAME`, `taskRole.NAME`, `executionRole.NAME`, `targetGroup.NAME`, `envFile.NAME`, `subnets.public`, `COPILOT_APPLICATION_NAME` …
 *
 * Source: Copilot's manifest reference (https://aws.github.io/copilot-cli/docs/manifest/overview/) and the templates of
 * aws/copilot-cli.
 *
 * @example copilotReader.read({ path: 'copilot/web/manifest.yml', root }, input, options); input.services[0]?.name // 'web'
 */
export const copilotReader: Reader = {
  form: 'Copilot manifest',

  recognizes({ root }: InputDocument): boolean {
    const type = textOf(at(root, 'type'));
    if (type !== undefined && TYPES.includes(type)) return true;
    if (isPipeline(root)) return true;
    return type !== undefined && at(root, 'name') !== undefined && closest(type, TYPES) !== undefined;
  },

  read(document: InputDocument, input: EcsInput, options: ReadOptions): void {
    const { root } = document;
    const typeNode = at(root, 'type');
    const type = textOf(typeNode);
    const containers = CONTAINER_TYPES.find((known) => known === type);
    if (containers !== undefined && root.kind === 'object') readWorkload(document, root, containers, input, options);
    else if (type === 'Static Site') readStaticSite(document, input);
    else if (type === 'Environment') readEnvironment(document, input);
    else if (isPipeline(root)) readPipeline(document, input);
    else {
      const guess = type === undefined ? undefined : closest(type, TYPES);
      const message = `${JSON.stringify(type ?? null)} is not one of ${TYPES.join(', ')}`;
      new Coverage(input.ledger).none(root, 'not read: the manifest has no type that Copilot knows');
      input.diagnostics.push({
        severity: 'refused',
        code: 'invalid-value',
        message,
        path: 'type',
        position: positionOf(typeNode ?? root),
        ...(guess === undefined ? {} : { fix: `did you mean ${guess}?` }),
      });
    }
  },
};

/** Pipelines have no type: they are told by their stages and the provider of their source. */
function isPipeline(root: InputDocument['root']): boolean {
  return at(root, 'stages')?.kind === 'array' && at(root, 'source', 'provider') !== undefined;
}
