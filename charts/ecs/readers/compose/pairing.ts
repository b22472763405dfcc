import type { InputDocument } from '../../input.js';
import { memberOf } from '../../source/source-node.js';
import { at, membersOf } from '../derived/nodes.js';
import { VOCABULARY } from './vocabulary.js';

/** Compose's own file names, the one it looks for first at the front. */
const COMPOSE_NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const PARAMS_NAMES = ['ecs-params.yml', 'ecs-params.yaml'];

/** Whether a document is an `ecs-params.yml`. */
export function isParams({ root }: InputDocument): boolean {
  return at(root, 'task_definition')?.kind === 'object' || at(root, 'run_params')?.kind === 'object';
}

/** Whether a document is a compose file: services that have fields of compose, or the first format by its file name. */
export function isCompose({ path, root }: InputDocument): boolean {
  if (
    root.kind !== 'object' ||
    ['apiVersion', 'kind', 'Resources', 'containerDefinitions'].some((key) => memberOf(root, key) !== undefined)
  )
    return false;
  const services = memberOf(root, 'services');
  if (services !== undefined) return membersOf(services).some(({ value }) => hasKnownField(value));
  const [first, ...others] = membersOf(root);
  return (
    first !== undefined &&
    /compose[^/\\]*\.ya?ml$/i.test(path) &&
    [first, ...others].every(({ value }) => at(value, 'image') !== undefined || at(value, 'build') !== undefined)
  );
}

function hasKnownField(service: InputDocument['root']): boolean {
  const fields = membersOf(service);
  return (
    fields.some(({ key }) => key === 'image' || key === 'build') ||
    fields.filter(({ key }) => VOCABULARY.has(key)).length > 1
  );
}

/**
 * The `ecs-params.yml` that belongs to a compose file: the one of the same folder, if this is the folder's first compose
 * file. Two compose files do not share one.
 */
export function paramsOf(compose: InputDocument, siblings: readonly InputDocument[]): InputDocument | undefined {
  const here = besides(compose, siblings);
  const first = preferred(
    [compose, ...here.filter((sibling) => sibling.root !== compose.root)].filter(isCompose),
    COMPOSE_NAMES,
  );
  return first?.root === compose.root ? preferred(here.filter(isParams), PARAMS_NAMES) : undefined;
}

/** The compose file that takes an `ecs-params.yml` along; undefined when there is none beside it. */
export function composeOf(params: InputDocument, siblings: readonly InputDocument[]): InputDocument | undefined {
  const here = besides(params, siblings);
  const known = here.some((sibling) => sibling.root === params.root) ? here : [...here, params];
  const compose = preferred(here.filter(isCompose), COMPOSE_NAMES);
  return compose !== undefined && paramsOf(compose, known)?.root === params.root ? compose : undefined;
}

/** The documents of the same folder. */
function besides(document: InputDocument, siblings: readonly InputDocument[]): readonly InputDocument[] {
  const folder = folderOf(document.path);
  return siblings.filter((sibling) => folderOf(sibling.path) === folder);
}

function preferred(documents: readonly InputDocument[], names: readonly string[]): InputDocument | undefined {
  const rank = (document: InputDocument): number => {
    const index = names.indexOf(document.path.split(/[/\\]/).at(-1) ?? '');
    return index < 0 ? names.length : index;
  };
  return [...documents].sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))[0];
}

function folderOf(path: string): string {
  const normal = path.replace(/^(\.[/\\])+/, '');
  return normal.slice(0, Math.max(normal.lastIndexOf('/'), normal.lastIndexOf('\\'), 0));
}
