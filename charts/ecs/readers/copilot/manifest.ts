import type { InputDocument, ReadOptions } from '../../input.js';
import type { SourceNode, SourceObject, SourceScalar } from '../../source/source-node.js';
import type { Coverage } from '../derived/coverage.js';
import { Derivation, jsonStrings } from '../derived/derivation.js';
import { at, implied, itemsOf, made, membersOf, textOf } from '../derived/nodes.js';
import { applyEnvironment } from './environment-overrides.js';
import { interpolate } from './interpolation.js';

/** The workload types whose containers run on ECS or App Runner. */
export type ContainerType =
  | 'Load Balanced Web Service'
  | 'Backend Service'
  | 'Worker Service'
  | 'Scheduled Job'
  | 'Request-Driven Web Service';

/** What Copilot calls the application and the environment while the input does not say. */
const APPLICATION = 'COPILOT_APPLICATION_NAME';
const ENVIRONMENT = 'COPILOT_ENVIRONMENT_NAME';

/** A workload's manifest as it holds for the environment that is ported, and what reading it needs at every turn. */
export class Manifest extends Derivation {
  /** Base and overrides merged, `${…}` replaced. */
  readonly root: SourceNode;
  readonly name: string;
  readonly application: string | undefined;
  readonly environment: string | undefined;

  constructor(
    document: InputDocument,
    root: SourceObject,
    readonly type: ContainerType,
    options: ReadOptions,
    coverage: Coverage,
  ) {
    super(document, options, coverage);
    this.application = options.parameters.get(APPLICATION);
    this.environment = options.environment ?? options.parameters.get(ENVIRONMENT);
    this.root = interpolate(applyEnvironment(root, options.environment, coverage), (name) => this.variable(name));
    const given = textOf(at(this.root, 'name'));
    this.name = given === undefined || given === '' ? nameFromPath(document.path) : given;
    if (given !== this.name)
      this.say(
        'warning',
        'missing-field',
        this.root,
        `the manifest has no name; ${this.name} is taken from its path`,
        'name',
      );
  }

  get(...keys: readonly string[]): SourceNode | undefined {
    return at(this.root, ...keys);
  }

  /** Name of the ECS cluster that the environment stands for; undefined while one of its two names is not known. */
  get cluster(): string | undefined {
    return this.application === undefined || this.environment === undefined
      ? undefined
      : `${this.application}-${this.environment}`;
  }

  /** `APP-ENV-NAME`, which Copilot puts into the names of what it makes; APP and ENV stand for what is not known. */
  get resourceName(): string {
    return `${this.application ?? 'APP'}-${this.environment ?? 'ENV'}-${this.name}`;
  }

  /** A default text with the application's and environment's names in it: a placeholder while one of them is not known. */
  named(text: string, where: SourceNode): SourceScalar {
    const missing = [
      ...(this.application === undefined ? [APPLICATION] : []),
      ...(this.environment === undefined ? [ENVIRONMENT] : []),
    ];
    return missing.length === 0 ? implied(text, where) : { ...implied(text, where), placeholder: missing.join(', ') };
  }

  /** A string, or the export of another stack in the form `{from_cfn: NAME}`, which is a parameter of that name. */
  stringOrExport(node: SourceNode, what: string): SourceNode | undefined {
    const exported = at(node, 'from_cfn');
    const name = textOf(exported);
    if (exported !== undefined && name !== undefined && name !== '') {
      // An expression that is still in the name would read as a placeholder within a placeholder.
      const plain = name.replace(/\$\{(\w+)\}/g, '$1');
      return this.parameter(plain, `\${${plain}}`, exported, exported);
    }
    const text = textOf(node);
    if (text !== undefined && node.kind === 'scalar') return node.value === text ? node : made(text, node);
    this.reject(node, `${what} is a text or {from_cfn: EXPORT}`);
    return undefined;
  }

  /** A list of strings, given as a list, as JSON in a string, or as one string. */
  strings(node: SourceNode | undefined): readonly SourceNode[] {
    if (node?.kind === 'array') return node.items;
    const text = textOf(node);
    if (node === undefined || text === undefined) return [];
    return jsonStrings(text)?.map((item) => made(item, node)) ?? [node];
  }

  /** Sections of a map by name in the order of code points, as Copilot goes through them. */
  sorted(node: SourceNode | undefined): readonly { readonly key: string; readonly value: SourceNode }[] {
    return [...membersOf(node)].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  }

  private variable(name: string): string | undefined {
    if (name === ENVIRONMENT) return this.environment;
    return this.options.parameters.get(name);
  }
}

/** How to supply a placeholder of a Copilot manifest. */
export function fixFor(placeholder: string): string {
  if (placeholder === ENVIRONMENT) return '--environment NAME';
  const [kind] = placeholder.split('.');
  return `--parameter ${placeholder}=${FORMS.get(kind ?? '') ?? 'VALUE'}`;
}

/** What the value of a reader's own parameter looks like. */
const FORMS: ReadonlyMap<string, string> = new Map([
  ['image', 'URI'],
  ['targetGroup', 'ARN'],
  ['envFile', 'ARN'],
  ['subnets', 'subnet-a,subnet-b'],
  ['loadBalancer', 'app/NAME/ID'],
  ['fileSystem', 'fs-ID'],
  ['accessPoint', 'fsap-ID'],
  ['securityGroup', 'sg-ID'],
]);

function nameFromPath(path: string): string {
  const parts = path.split(/[/\\]/).filter((part) => part !== '' && part !== '.' && part !== '..');
  return parts.at(-2) ?? parts.at(-1)?.replace(/\.[^.]*$/, '') ?? 'workload';
}

/** The subnets that the manifest of this environment lists, when it is part of the same run. */
export function environmentSubnets(manifest: Manifest, placement: string): readonly SourceNode[] {
  if (manifest.options.environment === undefined) return [];
  for (const { root } of manifest.options.siblings) {
    if (textOf(at(root, 'type')) !== 'Environment' || textOf(at(root, 'name')) !== manifest.options.environment)
      continue;
    const ids = itemsOf(at(root, 'network', 'vpc', 'subnets', placement)).map((subnet) => at(subnet, 'id'));
    return ids.filter((id) => id !== undefined);
  }
  return [];
}
