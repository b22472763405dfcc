import type { SourceNode } from '../../source/source-node.js';
import { asText, at, booleanOf, implied, itemsOf, list, made, membersOf, object, textOf } from '../derived/nodes.js';
import { mebibytes } from './bytes.js';
import { dockerVolume, efsVolume, namedVolume } from './declared-volumes.js';
import type { Project } from './project.js';

/** A path of the host. One that is not known yet is such a path more often than the name of a volume. */
const ABSOLUTE = /^(?:\/|\$\{|[A-Za-z]:[\\/]|\\\\)/;

/** A path from the folder of the compose file, or from the home directory of who runs it. */
const RELATIVE = /^(?:[.~]|(?!\/|\$\{|[A-Za-z]:[\\/]|\\\\).*\/)/;

/** The mount of one entry under a service's `volumes`. */
interface Mount {
  readonly node: SourceNode;
  readonly source?: SourceNode;
  readonly target: SourceNode | undefined;
  readonly readOnly?: SourceNode;
}

/**
 * The volumes of the task, gathered while the containers are read: those under `volumes`, refined by `docker_volumes` and
 * `efs_volumes` of `ecs-params.yml`, and one for each path of the host that is mounted.
 */
export class Volumes {
  private readonly byName = new Map<string, SourceNode>();
  private readonly byHostPath = new Map<string, string>();

  constructor(private readonly project: Project) {
    for (const { key, value } of membersOf(at(project.root, 'volumes')))
      this.byName.set(key, namedVolume(project, key, value));
    for (const volume of itemsOf(project.param('docker_volumes'))) this.define(volume, dockerVolume(volume));
    for (const volume of itemsOf(project.param('efs_volumes'))) this.define(volume, efsVolume(volume));
  }

  /** `volumes` of the task definition; call it after the containers are read. */
  node(where: SourceNode): SourceNode | undefined {
    return list(where, [...this.byName.values()]);
  }

  /** `mountPoints` of a container, and what of its volumes is memory. */
  mountsOf(section: SourceNode | undefined): {
    readonly mountPoints: SourceNode | undefined;
    readonly tmpfs: readonly SourceNode[];
  } {
    const tmpfs: SourceNode[] = [];
    const mountPoints: (SourceNode | undefined)[] = [];
    for (const item of itemsOf(section)) {
      if (textOf(at(item, 'type')) === 'tmpfs') tmpfs.push(...this.memory(item));
      else mountPoints.push(this.mountPoint(item.kind === 'object' ? longForm(this.project, item) : shortForm(item)));
    }
    return { mountPoints: section === undefined ? undefined : list(section, mountPoints), tmpfs };
  }

  private mountPoint(mount: Mount): SourceNode | undefined {
    if (mount.target === undefined) {
      this.project.reject(mount.node, 'a volume has the form [SOURCE:]TARGET[:ro]');
      return undefined;
    }
    const readOnly = mount.readOnly ?? implied(false, mount.node);
    // In the short form the path and its target are one text, whose loss is marked: the mount must not outrank that.
    const unaccounted = mount.node.kind === 'scalar' && RELATIVE.test(textOf(mount.source) ?? '');
    const part = (node: SourceNode): SourceNode =>
      unaccounted && node.kind === 'scalar' ? implied(node.value, mount.node) : node;
    return object(mount.node, [
      ['sourceVolume', this.sourceOf(mount)],
      ['containerPath', part(mount.target)],
      ['readOnly', part(readOnly)],
    ]);
  }

  private sourceOf({ node, source }: Mount): SourceNode {
    const text = textOf(source);
    if (source === undefined || text === undefined || text === '') return this.add(node, undefined);
    if (ABSOLUTE.test(text)) {
      const known = this.byHostPath.get(text);
      if (known !== undefined) return made(known, source);
      const name = this.add(source, source);
      this.byHostPath.set(text, textOf(name) ?? '');
      return name;
    }
    if (RELATIVE.test(text)) return this.relative(source, text);
    if (!this.byName.has(text)) {
      this.project.say(
        'warning',
        'unknown-volume',
        source,
        `volume ${text} is not declared under volumes; an empty one is taken`,
      );
      this.byName.set(text, object(source, [['name', implied(text, source)]]));
    }
    return source;
  }

  /** Files beside the compose file are on the machine that it is run from and not on any node. */
  private relative(source: SourceNode, text: string): SourceNode {
    this.project.say(
      'warning',
      'relative-path',
      source,
      `${text} lies beside the compose file and not on the hosts; the volume starts empty`,
      undefined,
      'put the files into the image, or into a ConfigMap',
    );
    this.project.coverage.none(
      source,
      'files beside the compose file do not reach the cluster; the volume starts empty',
      'put them into the image, or into a ConfigMap',
    );
    const known = this.byHostPath.get(text);
    const name = known === undefined ? this.add(source, undefined) : implied(known, source);
    this.byHostPath.set(text, textOf(name) ?? '');
    return name;
  }

  /** Adds a volume under a name of its own, as ecs-cli numbers them. */
  private add(where: SourceNode, path: SourceNode | undefined): SourceNode {
    let index = this.byName.size;
    while (this.byName.has(`volume-${index}`)) index++;
    const name = `volume-${index}`;
    const host = path === undefined ? undefined : object(where, [['sourcePath', path]]);
    this.byName.set(
      name,
      object(where, [
        ['name', implied(name, where)],
        ['host', host],
      ]),
    );
    return implied(name, where);
  }

  private memory(item: SourceNode): readonly SourceNode[] {
    this.project.coverage.same(at(item, 'type'), ['Volume.emptyDir.medium'], 'the volume is kept in memory');
    const size = mebibytes(this.project, at(item, 'tmpfs', 'size'));
    const target = asText(at(item, 'target'));
    this.project.coverage.none(at(item, 'source'), 'a volume in memory has no source');
    this.project.coverage.none(at(item, 'tmpfs', 'mode'), 'ECS does not set the mode of a volume in memory');
    if (target !== undefined && size !== undefined)
      return [
        object(item, [
          ['containerPath', target],
          ['size', size],
        ]),
      ];
    this.project.coverage.none(target, 'ECS needs the size of a volume in memory', 'give tmpfs.size');
    return [];
  }

  private define(volume: SourceNode, definition: SourceNode): void {
    const name = textOf(at(volume, 'name'));
    if (name === undefined) this.project.reject(volume, 'a volume of ecs-params has a name');
    else {
      this.project.coverage.same(at(this.project.root, 'volumes', name), [], 'overridden by ecs-params.yml');
      this.byName.set(name, definition);
    }
  }
}

/** `tmpfs` of a service: `PATH:size=64m,OPTION…`; without a size ECS does not take it. */
export function tmpfsOf(project: Project, node: SourceNode | undefined): readonly SourceNode[] {
  return project.strings(node).flatMap((item) => {
    const [path = '', settings = ''] = (textOf(item) ?? '').split(/:(.*)/s);
    const options = settings.split(',').filter((option) => option !== '');
    const size = options.find((option) => option.startsWith('size='));
    const megabytes = size === undefined ? undefined : mebibytes(project, made(size.slice('size='.length), item));
    if (path === '' || megabytes === undefined) {
      project.reject(item, 'ECS needs the size of a volume in memory, such as /run:size=64m');
      return [];
    }
    const others = options.filter((option) => option !== size).map((option) => made(option, item));
    return [
      object(item, [
        ['containerPath', made(path, item)],
        ['size', megabytes],
        ['mountOptions', list(item, others)],
      ]),
    ];
  });
}

function shortForm(item: SourceNode): Mount {
  const text = textOf(item) ?? '';
  const windows = /^[A-Za-z]:[\\/]/.test(text) ? text.slice(0, 2) : '';
  const parts = text.slice(windows.length).split(':');
  const [first = '', second, mode = ''] = parts;
  const part = (value: string): SourceNode => made(value, item);
  if (second === undefined) return { node: item, target: text === '' ? undefined : part(text) };
  const readOnly = mode === '' ? {} : { readOnly: made(mode.split(',').includes('ro'), item) };
  return { node: item, source: part(windows + first), target: part(second), ...readOnly };
}

function longForm(project: Project, item: SourceNode): Mount {
  const { coverage } = project;
  coverage.same(at(item, 'type'), ['Volume'], 'says whether the source is a volume or a path');
  coverage.none(at(item, 'consistency'), 'a hint for Docker Desktop');
  coverage.none(at(item, 'bind'), 'ECS does not set how a path of the host is bound');
  coverage.none(at(item, 'volume'), 'ECS does not set how a volume is filled');
  const source = asText(at(item, 'source'));
  const readOnly = at(item, 'read_only');
  return {
    node: item,
    target: asText(at(item, 'target')),
    ...(source === undefined ? {} : { source }),
    ...(readOnly === undefined ? {} : { readOnly: made(booleanOf(readOnly) ?? false, readOnly) }),
  };
}
