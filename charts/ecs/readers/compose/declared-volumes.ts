import type { SourceNode } from '../../source/source-node.js';
import { at, implied, object } from '../derived/nodes.js';
import type { Project } from './project.js';

/** A volume under `volumes` of the compose file: empty at the start of each task unless a driver says otherwise. */
export function namedVolume(project: Project, name: string, section: SourceNode): SourceNode {
  const { coverage } = project;
  const driver = at(section, 'driver');
  const options = at(section, 'driver_opts');
  const labels = project.map(at(section, 'labels'));
  coverage.near(at(section, 'name'), ['Volume.name'], 'the volume is named as the services name it');
  coverage.none(
    at(section, 'external'),
    'a volume that exists on one Docker host is not in the cluster',
    'move its data into a PersistentVolumeClaim',
  );
  const configured = driver !== undefined || options !== undefined || labels !== undefined;
  return object(section, [
    ['name', implied(name, section)],
    [
      'dockerVolumeConfiguration',
      configured
        ? object(section, [
            ['driver', driver],
            ['driverOpts', options],
            ['labels', labels],
          ])
        : undefined,
    ],
  ]);
}

/** A volume under `docker_volumes` of `ecs-params.yml`. */
export function dockerVolume(volume: SourceNode): SourceNode {
  return object(volume, [
    ['name', at(volume, 'name')],
    [
      'dockerVolumeConfiguration',
      object(volume, [
        ['scope', at(volume, 'scope')],
        ['autoprovision', at(volume, 'autoprovision')],
        ['driver', at(volume, 'driver')],
        ['driverOpts', at(volume, 'driver_opts')],
        ['labels', at(volume, 'labels')],
      ]),
    ],
  ]);
}

/** A volume under `efs_volumes` of `ecs-params.yml`. */
export function efsVolume(volume: SourceNode): SourceNode {
  const point = at(volume, 'access_point');
  const iam = at(volume, 'iam');
  const authorization =
    point === undefined && iam === undefined
      ? undefined
      : object(volume, [
          ['accessPointId', point],
          ['iam', iam],
        ]);
  return object(volume, [
    ['name', at(volume, 'name')],
    [
      'efsVolumeConfiguration',
      object(volume, [
        ['fileSystemId', at(volume, 'filesystem_id')],
        ['rootDirectory', at(volume, 'root_directory')],
        ['transitEncryption', at(volume, 'transit_encryption')],
        ['transitEncryptionPort', at(volume, 'transit_encryption_port')],
        ['authorizationConfig', authorization],
      ]),
    ],
  ]);
}
