import type { ContainerDraft } from '../../pod-draft.js';
import { AGENT_TODO, agentField, type DriverOption, type DriverOptions } from '../driver-options.js';
import { quotedToken, valueProblem } from '../fluent-bit-config.js';
import { plainName, type PodFact, type RoutePlugin, type RouteValue } from '../log-route.js';

/**
 * `mode` and `max-buffer-size`, which Docker takes for every driver. In Kubernetes the runtime writes a file and the agent
 * reads it, so there is nothing to choose.
 */
export function takeDelivery(options: DriverOptions): void {
  const mode = options.take('mode');
  if (mode.text === 'non-blocking') {
    mode.field.near(
      [],
      'always so: the container writes to a file of the node; lines are lost when the kubelet rotates that file away before the agent has read it',
    );
  } else {
    mode.field.near(
      [],
      'a container is never held up: lines are lost when the kubelet rotates its file away before the agent has read it, such as while the destination cannot be reached',
    );
  }
  options
    .take('max-buffer-size')
    .field.near(
      [],
      'the buffer is the log file of the container, whose size the kubelet sets for all',
      'set containerLogMaxSize and containerLogMaxFiles of the kubelet',
    );
}

/**
 * A Docker log tag such as `{{.Name}}/{{.ID}}`. The pod's UID stands for the container's id, since that is what a log file
 * is known by.
 *
 * Source: Docker documentation, "Customize log driver output".
 * @returns undefined when the template asks for what is not known
 */
export function dockerTag(template: string, draft: ContainerDraft): RouteValue | undefined {
  const parts: (string | PodFact)[] = [];
  let index = 0;
  for (const match of template.matchAll(/\{\{\s*\.(\w+)\s*\}\}/g)) {
    parts.push(template.slice(index, match.index));
    index = match.index + match[0].length;
    switch (match[1]) {
      case 'ID':
      case 'FullID':
        parts.push({ pod: 'uid' });
        break;
      case 'Name':
        parts.push(plainName(draft));
        break;
      case 'ImageName':
        parts.push(draft.definition.get('image').value ?? '');
        break;
      case 'DaemonName':
        parts.push('docker');
        break;
      default:
        return undefined;
    }
  }
  parts.push(template.slice(index));
  const rest = parts.filter((part) => typeof part === 'string').join('');
  return rest.includes('{{') || (rest !== '' && valueProblem(rest) !== undefined)
    ? undefined
    : parts.filter((part) => part !== '');
}

/** A Docker log tag that is the same for all pods; undefined when there is none, or it holds an id. */
export function plainTag(option: DriverOption, draft: ContainerDraft): string | undefined {
  const tag = option.text === undefined ? undefined : dockerTag(option.text, draft);
  if (typeof tag === 'string') return tag;
  return tag?.every((part) => typeof part === 'string') === true ? tag.join('') : undefined;
}

/** Whether a text is one word for every filter of Fluent Bit, without any quoting. */
export function isWord(text: string): boolean {
  return /^[\w./:@%+=,-]+$/.test(text);
}

/** The facts that Docker's drivers send with each line, and the option `tag`, as fields of the record. */
export function takeAttributes(options: DriverOptions, draft: ContainerDraft): readonly RoutePlugin[] {
  const fields = new Map<string, string>();
  const labels = new Map(
    draft.definition
      .get('dockerLabels')
      .entries()
      .map(([key, field]) => [key, field.value ?? '']),
  );
  const environment = new Map(
    draft.definition
      .get('environment')
      .items()
      .map((item) => [item.get('name').value ?? '', item.get('value').value ?? '']),
  );
  takeNamed(options, 'labels', labels, fields);
  takeNamed(options, 'env', environment, fields);
  for (const option of ['labels-regex', 'env-regex']) {
    options
      .take(option)
      .field.none('no label or variable is chosen by pattern', `name them in ${option.replace('-regex', '')}`);
  }
  if (fields.size === 0) return [];
  const properties = [...fields]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ['Record', `${key} ${value}`] as const);
  return [{ plugin: 'record_modifier', properties }];
}

/** `labels` and `env` name what to send; the values are in the task definition. */
function takeNamed(
  options: DriverOptions,
  option: string,
  known: ReadonlyMap<string, string>,
  fields: Map<string, string>,
): void {
  const { field, text } = options.take(option);
  if (text === undefined) return;
  const missing: string[] = [];
  for (const name of text.split(',')) {
    const key = quotedToken(name.trim());
    const value = quotedToken(known.get(name.trim()) ?? '');
    if (key === undefined || value === undefined || valueProblem(`${key} ${value}`) !== undefined)
      missing.push(name.trim());
    else fields.set(key, value);
  }
  const carried = 'the values are those of the task definition, not those of the running container';
  if (missing.length === 0) field.needsAddon(agentField('FILTER', 'Record'), carried, AGENT_TODO);
  else {
    field.near(
      agentField('FILTER', 'Record'),
      `${carried}; not sent, since the task definition does not give them or they cannot be written: ${missing.join(', ')}`,
      AGENT_TODO,
    );
  }
}

/** What Docker's drivers call the parts of a record, from what the runtime's log file calls them. */
export function dockerRecord(draft: ContainerDraft): RoutePlugin {
  return {
    plugin: 'modify',
    properties: [
      ['Rename', 'stream source'],
      ['Remove', '_p'],
      ['Remove', 'time'],
      ['Add', `container_name ${draft.spec.name}`],
    ],
  };
}
