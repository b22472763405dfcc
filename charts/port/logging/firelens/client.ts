import type { Field } from '../../../ecs/field.js';
import { parseSecretReference } from '../../../ecs/secret-reference.js';
import { externalSecretFor, type SecretItem } from '../../external-secret.js';
import { keyName } from '../../names.js';
import type { ContainerDraft, PodDraft, PortContext } from '../../pod-draft.js';
import { isKey, valueProblem } from '../fluent-bit-config.js';

/** An option of a container that logs through FireLens. */
export interface ClientOption {
  readonly key: string;
  readonly field: Field<string>;
  /** The value, unless it is a secret. */
  readonly text?: string;
  /** The router's variable that holds the value, when it is a secret. */
  readonly variable?: string;
}

/** A container with the log driver `awsfirelens`. */
export interface Client {
  readonly draft: ContainerDraft;
  /** In the order of their keys, as the ECS agent writes them; without what is no output's option. */
  readonly options: readonly ClientOption[];
  readonly include?: ClientOption & { readonly text: string };
  readonly exclude?: ClientOption & { readonly text: string };
}

/**
 * The containers that log through FireLens. Options that no configuration can hold are accounted for here; secret ones
 * become variables of the router, under the names that the ECS agent gives them.
 *
 * Source: amazon-ecs-agent `collectFirelensLogOptions` and `PopulateSecretLogOptionsToFirelensContainer`.
 */
export function firelensClients(pod: PodDraft, router: ContainerDraft, context: PortContext): readonly Client[] {
  const secrets: { readonly variable: string; readonly item: SecretItem }[] = [];
  const clients: Client[] = [];
  for (const [index, draft] of pod.containers.entries()) {
    const log = draft.definition.get('logConfiguration');
    if (log.get('logDriver').value !== 'awsfirelens') continue;
    const options = new Map<string, ClientOption>();
    for (const [key, field] of log.get('options').entries()) {
      if (/^log[-_]driver[-_]buffer[-_]limit$/.test(key)) {
        field.near([], 'no driver keeps lines in memory: they are read from the log file of the container');
        continue;
      }
      const text = field.value ?? '';
      const problem = valueProblem(text);
      const pattern = key === 'include-pattern' || key === 'exclude-pattern';
      if (problem === 'is empty') field.same([], 'empty, the same as absent');
      else if (problem !== undefined)
        field.none(`the value ${problem}; no configuration can hold it`, 'correct the value');
      else if (!pattern && !isKey(key.replace(/^@/, ''))) field.none('not the name of an option', 'correct the name');
      else options.set(key, { key, field, text });
    }
    const repeated = log.get('options');
    const { node } = repeated;
    if (node?.kind === 'object' && node.members.length > repeated.entries().length)
      repeated.none('given twice; the last one counts');
    for (const secret of log.get('secretOptions').items()) {
      const key = secret.get('name').value ?? '';
      const reference = parseSecretReference(secret.get('valueFrom').value ?? '');
      if (!isKey(key)) secret.none('not the name of an option', 'correct the name');
      else if (reference === undefined) {
        secret.none(
          'not the ARN of a secret or parameter, nor a name',
          'correct valueFrom: ECS could not start this task either',
        );
      } else {
        const variable = `${key}_${index}`;
        secrets.push({ variable, item: { key: `${draft.spec.name}.${keyName(key)}`, reference } });
        options.get(key)?.field.none('a secret option of the same name counts instead');
        secret.get('name').same([], 'the name of the option');
        options.set(key, { key, field: secret.get('valueFrom'), variable });
      }
    }
    clients.push({ draft, ...patterns(options), options: sorted(options) });
  }
  const places = externalSecretFor(
    context,
    'firelens',
    secrets.map(({ item }) => item),
  );
  for (const { variable, item } of secrets) {
    const place = places.get(item.key);
    if (place === undefined) continue;
    const others = (router.spec.env ?? []).filter(({ name }) => name !== variable);
    router.spec.env = [
      ...others,
      { name: variable, valueFrom: { secretKeyRef: { name: place.name, key: place.key } } },
    ];
  }
  return clients;
}

function patterns(options: Map<string, ClientOption>): Pick<Client, 'include' | 'exclude'> {
  const take = (key: string): (ClientOption & { readonly text: string }) | undefined => {
    const option = options.get(key);
    options.delete(key);
    return option?.text === undefined ? undefined : { ...option, text: option.text };
  };
  const include = take('include-pattern');
  const exclude = take('exclude-pattern');
  return { ...(include === undefined ? {} : { include }), ...(exclude === undefined ? {} : { exclude }) };
}

function sorted(options: ReadonlyMap<string, ClientOption>): readonly ClientOption[] {
  return [...options.values()].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/** Everything that accounts for a client: its options, patterns and secrets. */
export function clientFields(client: Client): readonly Field<string>[] {
  return [...client.options, client.include, client.exclude].flatMap((option) => option?.field ?? []);
}
