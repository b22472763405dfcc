import type { SourceNode } from '../../source/source-node.js';
import { at, booleanOf, implied, itemsOf, list, made, membersOf, numberOf, object, textOf } from '../derived/nodes.js';
import { mountPoint } from './container-parts.js';
import type { Manifest } from './manifest.js';

/** What `storage` adds to the task definition and to its main container. */
export interface Storage {
  readonly volumes?: SourceNode | undefined;
  readonly mountPoints?: SourceNode | undefined;
  readonly ephemeralStorage?: SourceNode | undefined;
  readonly readonlyRootFilesystem?: SourceNode | undefined;
}

/** Ephemeral storage of a Fargate task in GiB when nothing is said; asking for just that is asking for nothing. */
const DEFAULT_EPHEMERAL = 20;

/**
 * Reads `storage`: volumes of the environment's own EFS file system (`efs: true`), of another one, and empty ones.
 * Source: Copilot's manifest reference and `convertStorageOpts` of aws/copilot-cli.
 */
export function storageOf(manifest: Manifest): Storage {
  const storage = manifest.get('storage');
  const undeclared = undeclaredVolumes(manifest, at(storage, 'volumes'));
  if (storage === undefined) return { volumes: list(manifest.root, undeclared) };
  const volumes = manifest.sorted(at(storage, 'volumes')).filter(({ value }) => value.kind === 'object');
  const managedFirst = [
    ...volumes.filter(({ value }) => isManaged(value)),
    ...volumes.filter(({ value }) => !isManaged(value)),
  ];
  return {
    ephemeralStorage: ephemeralOf(manifest, at(storage, 'ephemeral')),
    readonlyRootFilesystem: at(storage, 'readonly_fs'),
    volumes: list(storage, [
      ...managedFirst.map(({ key, value }) =>
        object(value, [
          ['name', implied(key, value)],
          ['efsVolumeConfiguration', isManaged(value) ? managedEfs(manifest, value) : ownEfs(manifest, value)],
        ]),
      ),
      ...undeclared,
    ]),
    mountPoints: list(
      storage,
      volumes.map(({ key, value }) => mountPoint(value, implied(key, value))),
    ),
  };
}

/** Volumes that sidecars mount though `storage` does not declare them, as workspaces do whose own overrides add them. */
function undeclaredVolumes(manifest: Manifest, declared: SourceNode | undefined): readonly SourceNode[] {
  const names = new Set(membersOf(declared).map(({ key }) => key));
  const volumes: SourceNode[] = [];
  const overrides = itemsOf(manifest.get('taskdef_overrides')).map((rule) => textOf(at(rule, 'path')) ?? '');
  if (overrides.some((path) => /^volumes\b/i.test(path))) return volumes;
  for (const { value: sidecar } of manifest.sorted(manifest.get('sidecars'))) {
    for (const mount of itemsOf(at(sidecar, 'mount_points'))) {
      const node = at(mount, 'source_volume');
      const name = textOf(node);
      if (node === undefined || name === undefined || names.has(name)) continue;
      names.add(name);
      volumes.push(object(node, [['name', implied(name, node)]]));
      manifest.say(
        'warning',
        'unknown-volume',
        node,
        `volume ${name} is not declared under storage.volumes; an empty one is taken`,
      );
    }
  }
  return volumes;
}

function ephemeralOf(manifest: Manifest, node: SourceNode | undefined): SourceNode | undefined {
  if (node === undefined) return undefined;
  if (numberOf(node) === DEFAULT_EPHEMERAL) {
    manifest.coverage.same(node, [], '20 GiB is what a Fargate task has anyway');
    return undefined;
  }
  return object(node, [['sizeInGiB', node]]);
}

function isManaged(volume: SourceNode): boolean {
  const efs = at(volume, 'efs');
  return booleanOf(efs) ?? (at(efs, 'uid') !== undefined || at(efs, 'gid') !== undefined);
}

/** The file system that Copilot makes for an environment, with an access point of the workload. */
function managedEfs(manifest: Manifest, volume: SourceNode): SourceNode {
  const efs = at(volume, 'efs') ?? volume;
  for (const owner of [at(efs, 'uid'), at(efs, 'gid')]) {
    manifest.coverage.near(
      owner,
      ['PersistentVolume.spec.csi.volumeHandle'],
      'the access point that Copilot made keeps this owner; a new one does not have it by itself',
      `keep the access point and pass --parameter accessPoint.${manifest.name}=fsap-…`,
    );
  }
  if (efs.kind === 'object') {
    for (const key of ['id', 'root_dir', 'auth']) {
      manifest.coverage.none(at(efs, key), 'Copilot does not take it together with uid and gid');
    }
  }
  const origins = efs.kind === 'scalar' ? [efs] : [];
  return object(efs, [
    [
      'fileSystemId',
      manifest.parameter(
        'fileSystem',
        `\${file system of ${manifest.environment ?? 'the environment'}}`,
        efs,
        ...origins,
      ),
    ],
    ['rootDirectory', implied('/', efs)],
    ['transitEncryption', implied('ENABLED', efs)],
    [
      'authorizationConfig',
      object(efs, [
        [
          'accessPointId',
          manifest.parameter(`accessPoint.${manifest.name}`, `\${access point of ${manifest.name}}`, efs),
        ],
        ['iam', implied('ENABLED', efs)],
      ]),
    ],
  ]);
}

function ownEfs(manifest: Manifest, volume: SourceNode): SourceNode | undefined {
  const efs = at(volume, 'efs');
  if (efs === undefined) return undefined;
  if (booleanOf(efs) === false || membersOf(efs).length === 0) {
    manifest.coverage.same(efs, ['Volume.emptyDir'], 'no file system: the volume lives as long as the task');
    return undefined;
  }
  const id = at(efs, 'id');
  const iam = at(efs, 'auth', 'iam');
  const iamText = booleanOf(iam) === true ? 'ENABLED' : 'DISABLED';
  return object(efs, [
    ['fileSystemId', id === undefined ? undefined : manifest.stringOrExport(id, 'a file system id')],
    ['rootDirectory', at(efs, 'root_dir') ?? implied('/', efs)],
    ['transitEncryption', implied('ENABLED', efs)],
    [
      'authorizationConfig',
      object(efs, [
        ['accessPointId', at(efs, 'auth', 'access_point_id')],
        ['iam', iam === undefined ? implied(iamText, efs) : made(iamText, iam)],
      ]),
    ],
  ]);
}
