import { equal, field, isArray, isObject, text, withField } from './json.js';
import type { Json, JsonObject } from './json.js';

/** A step into a value: a field, an item of a list by its key, or a member of a list that is a set. */
type Step =
  | string
  | { readonly key: string; readonly value: string }
  | {
      readonly member: string;
    };

interface Leaf {
  readonly path: readonly Step[];
  readonly value: Json;
  /** False for an empty list of items that are owned one by one: it has none. */
  readonly owned: boolean;
}

/** Who owns which field: by the field's path in words, the managers. */
export type Owners = ReadonlyMap<string, ReadonlySet<string>>;

/** What makes two writes ones of the same owner. Source: `ManagedFieldsEntry`, whose apiVersion is left out here. */
export interface Owner {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource?: 'status';
}

/** Another manager owns a field that an apply would change. */
export class FieldConflict extends Error {
  override readonly name = 'FieldConflict';
}

/** Lists whose items are merged by a key, by the field that holds the list; other lists are taken or left as a whole. */
const LIST_KEYS: ReadonlyMap<string, string> = new Map([
  ['conditions', 'type'],
  ['containers', 'name'],
  ['initContainers', 'name'],
  ['ephemeralContainers', 'name'],
  ['env', 'name'],
  ['volumes', 'name'],
  ['ownerReferences', 'uid'],
]);

/** Fields of `metadata` that the server itself keeps. */
const SERVER_FIELDS = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
]);

/**
 * Server-side apply, simplified: ownership is kept per leaf field; a manager that leaves out a field which it alone owned
 * removes it.
 *
 * Source: Kubernetes, "Server-Side Apply". Left out: schemas of single resources (but for the lists in `LIST_KEYS` and
 * finalizers), versions of managers, `managedFields` in the object.
 * @throws FieldConflict unless forced
 */
export function applyFields(
  current: JsonObject,
  owners: Owners,
  applied: JsonObject,
  owner: Owner,
  force: boolean,
): { readonly object: JsonObject; readonly owners: Owners } {
  const me = ownerKey(owner);
  const wanted = leavesOf(applied);
  const before = leavesOf(current);
  const next = new Map<string, ReadonlySet<string>>(owners);
  const conflicts = new Map<string, string[]>();
  for (const [path, leaf] of wanted) {
    const held = owners.get(path) ?? new Set<string>();
    const others = [...held].filter((name) => name !== me);
    const same = equal(before.get(path)?.value, leaf.value);
    if (!leaf.owned) continue;
    if (!same) for (const other of others) conflicts.set(other, [...(conflicts.get(other) ?? []), path]);
    next.set(path, same ? new Set([...held, me]) : new Set([me]));
  }
  if (conflicts.size > 0 && !force) throw new FieldConflict(conflictMessage(conflicts));
  const dropped: Leaf[] = [];
  for (const [path, held] of owners) {
    if (!held.has(me) || wanted.has(path)) continue;
    const rest = new Set([...held].filter((name) => name !== me));
    if (rest.size > 0) next.set(path, rest);
    else {
      next.delete(path);
      const leaf = before.get(path);
      if (leaf !== undefined) dropped.push(leaf);
    }
  }
  // The field by which an item is found goes last.
  dropped.sort((left, right) => Number(isKey(left.path)) - Number(isKey(right.path)));
  let object = dropped.reduce((rest, leaf) => asObject(removeAt(rest, leaf.path)), current);
  for (const leaf of wanted.values()) {
    // An empty object, or a list whose items are owned one by one, adds nothing to one that is there.
    const hollow = !leaf.owned || (isObject(leaf.value) && isObject(readAt(object, leaf.path)));
    if (!hollow || readAt(object, leaf.path) === undefined) object = asObject(setAt(object, leaf.path, leaf.value));
  }
  return { object, owners: existing(next, object) };
}

/** Ownership after a write that was no apply: fields it changed are its own now, fields it removed are nobody's. */
export function updateOwners(before: JsonObject | undefined, after: JsonObject, owners: Owners, owner: Owner): Owners {
  const old = before === undefined ? new Map<string, Leaf>() : leavesOf(before);
  const next = new Map<string, ReadonlySet<string>>(owners);
  for (const [path, leaf] of leavesOf(after)) {
    if (leaf.owned && !equal(old.get(path)?.value, leaf.value)) next.set(path, new Set([ownerKey(owner)]));
  }
  return existing(next, after);
}

/** Whether every field has the same owners. */
export function sameOwners(left: Owners, right: Owners): boolean {
  const same = (path: string, held: ReadonlySet<string>): boolean => {
    const other = right.get(path);
    return other?.size === held.size && [...held].every((owner) => other.has(owner));
  };
  return left.size === right.size && [...left].every(([path, held]) => same(path, held));
}

function ownerKey(owner: Owner): string {
  return JSON.stringify([owner.manager, owner.operation, owner.subresource ?? '']);
}

function existing(owners: Owners, object: JsonObject): Owners {
  const leaves = leavesOf(object);
  return new Map([...owners].filter(([path]) => leaves.has(path)));
}

function conflictMessage(conflicts: ReadonlyMap<string, readonly string[]>): string {
  const count = [...conflicts.values()].reduce((sum, paths) => sum + paths.length, 0);
  const parts = [...conflicts].map(([key, paths]) => {
    const [manager] = JSON.parse(key) as readonly string[];
    return `conflict with ${JSON.stringify(manager)}: ${paths.join(', ')}`;
  });
  return `Apply failed with ${count} conflict${count === 1 ? '' : 's'}: ${parts.join('; ')}`;
}

function leavesOf(object: JsonObject): ReadonlyMap<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  const add = (path: readonly Step[], value: Json): void => {
    const children = stepsInto(path, value);
    if (children === undefined || children.length === 0) {
      leaves.set(path.map(words).join(''), { path, value, owned: children === undefined });
    } else for (const [step, child] of children) add([...path, step], child);
  };
  for (const [name, value] of Object.entries(object)) {
    if (name === 'apiVersion' || name === 'kind') continue;
    if (name !== 'metadata' || !isObject(value)) add([name], value);
    else for (const key of Object.keys(value)) if (!SERVER_FIELDS.has(key)) add([name, key], field(value, key) ?? null);
  }
  return leaves;
}

/** The parts of a value that are owned one by one; undefined where it is owned as a whole. */
function stepsInto(path: readonly Step[], value: Json): readonly (readonly [Step, Json])[] | undefined {
  if (isObject(value)) return Object.keys(value).length === 0 ? undefined : Object.entries(value);
  if (!isArray(value)) return undefined;
  const name = path.at(-1);
  if (name === 'finalizers') return value.map((item) => [{ member: typeof item === 'string' ? item : '' }, item]);
  const key = typeof name === 'string' ? LIST_KEYS.get(name) : undefined;
  if (key === undefined || !value.every((item) => text(item, key) !== undefined)) return undefined;
  return value.map((item) => [{ key, value: text(item, key) ?? '' }, item]);
}

function isKey(path: readonly Step[]): boolean {
  const item = path.at(-2);
  return typeof item === 'object' && 'key' in item && item.key === path.at(-1);
}

function words(step: Step): string {
  if (typeof step === 'string') return `.${step}`;
  return 'key' in step ? `[${step.key}=${JSON.stringify(step.value)}]` : `[=${JSON.stringify(step.member)}]`;
}

function readAt(value: Json | undefined, path: readonly Step[]): Json | undefined {
  return path.reduce<Json | undefined>((at, step) => {
    if (typeof step === 'string') return field(at, step);
    const list = isArray(at) ? at : [];
    return list[itemIndex(list, step)];
  }, value);
}

function setAt(value: Json | undefined, path: readonly Step[], set: Json): Json {
  const [step, ...rest] = path;
  if (step === undefined) return set;
  if (typeof step === 'string') {
    return withField(isObject(value) ? value : {}, step, setAt(field(value, step), rest, set));
  }
  const list = isArray(value) ? value : [];
  const index = itemIndex(list, step);
  const item = setAt(list[index] ?? ('key' in step ? { [step.key]: step.value } : undefined), rest, set);
  return index < 0 ? [...list, item] : list.with(index, item);
}

function removeAt(value: Json | undefined, path: readonly Step[]): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined || value === undefined) return undefined;
  if (typeof step === 'string') {
    if (!isObject(value)) return value;
    const left = withField(value, step, removeAt(field(value, step), rest));
    return Object.keys(left).length === 0 ? undefined : left;
  }
  const list = isArray(value) ? value : [];
  const index = itemIndex(list, step);
  if (index < 0) return list;
  const item = removeAt(list[index], rest);
  const left = item === undefined ? list.toSpliced(index, 1) : list.with(index, item);
  return left.length === 0 ? undefined : left;
}

function itemIndex(list: readonly Json[], step: Exclude<Step, string>): number {
  return list.findIndex((item) => ('key' in step ? text(item, step.key) === step.value : item === step.member));
}

function asObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}
