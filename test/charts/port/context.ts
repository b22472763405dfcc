import { Ledger } from '../../../charts/report/ledger.js';
import { Field } from '../../../charts/ecs/field.js';
import type { Service, TaskDefinition } from '../../../charts/ecs/model/ahead-of-sdk.js';
import { parseJson } from '../../../charts/ecs/source/parse-json.js';
import { SourceFile } from '../../../charts/ecs/source/position.js';
import { treeOf } from '../../../charts/ecs/tree.js';
import { Findings } from '../../../charts/port/findings.js';
import type { Manifest } from '../../../charts/port/manifest.js';
import { allocateNames, dnsLabel } from '../../../charts/port/names.js';
import { DEFAULT_PORT_OPTIONS } from '../../../charts/port/options.js';
import type { PodDraft, PortContext } from '../../../charts/port/pod-draft.js';
import type { Workload } from '../../../charts/port/workload.js';
import type { Entry } from '../../../charts/report/ledger.js';

/** A context for a Deployment `shop/web`, with the manifests that were added to it or shared, in that order of calls. */
export function testContext(partial: Partial<PortContext> = {}): PortContext & { readonly manifests: Manifest[] } {
  const manifests: Manifest[] = [];
  const labels = new Map<string, string>();
  const { definition } = taskOf({ family: 'web', containerDefinitions: [] });
  return {
    options: DEFAULT_PORT_OPTIONS,
    workload: workloadOf(definition),
    name: 'web',
    namespace: 'shop',
    title: 'Deployment shop/web',
    selector: { 'app.kubernetes.io/name': 'web' },
    region: 'eu-west-1',
    account: '111122223333',
    nameOfService: (ecsName) => dnsLabel(ecsName),
    windows: false,
    fargate: false,
    findings: new Findings(),
    add: (manifest) => void manifests.push(manifest),
    share: (manifest) => void manifests.push(manifest),
    label: (purpose, ecsName) => {
      const key = `${purpose}/${ecsName}`;
      const label = labels.get(key) ?? dnsLabel(labels.size === 0 ? ecsName : `${purpose}-${ecsName}`);
      labels.set(key, label);
      return label;
    },
    ...partial,
    manifests,
  };
}

/** A workload that runs a task definition as a service without saying more of it. */
export function workloadOf(definition: Field<TaskDefinition>, partial: Partial<Workload> = {}): Workload {
  return {
    kind: 'service',
    name: 'web',
    taskDefinition: { document: 'task.json', ids: ['web'], family: 'web', definition, diagnostics: [] },
    stub: false,
    scaling: [],
    targetGroups: [],
    ...partial,
  };
}

/** A task definition read from plain data, with the ledger that accounts for it. */
export function taskOf(
  task: object,
  ledger = new Ledger(),
): { readonly ledger: Ledger; readonly definition: Field<TaskDefinition> } {
  return { ledger, definition: rootOf<TaskDefinition>(ledger, 'task.json', task, 'ecs.RegisterTaskDefinitionRequest') };
}

/** A service read from plain data in `CreateService` form. */
export function serviceOf(
  service: object,
  ledger = new Ledger(),
): { readonly ledger: Ledger; readonly definition: Field<Service> } {
  return { ledger, definition: rootOf<Service>(ledger, 'service.json', service, 'ecs.CreateServiceRequest') };
}

/**
 * Any document in the shape of an AWS structure, or as it stands when no structure is named.
 *
 * @param content plain data, or the text of the document as `{ text }`
 */
export function rootOf<T>(ledger: Ledger, file: string, content: object, structure?: string): Field<T> {
  const text = 'text' in content && typeof content.text === 'string' ? content.text : JSON.stringify(content);
  const document = parseJson(new SourceFile(file, text));
  ledger.addDocument(file, document);
  return structure === undefined ? Field.root<T>(ledger, document) : treeOf<T>(ledger, document, structure).field;
}

/** A pod with nothing but names. */
export function draftOf(definition: Field<TaskDefinition>): PodDraft {
  const containers = definition.get('containerDefinitions').items();
  const names = allocateNames(containers.map((container) => container.get('name').value ?? ''));
  return {
    containers: containers.map((container) => {
      const ecsName = container.get('name').value ?? '';
      return { definition: container, ecsName, spec: { name: names.get(ecsName) ?? 'container' } };
    }),
    setup: [],
    volumes: [],
    spec: {},
    labels: new Map(),
    annotations: new Map(),
  };
}

/** What the ledger says of the leaf at a path, such as `containerDefinitions[0].cpu`. */
export function entryOf(ledger: Ledger, path: string, document?: string): Entry {
  const found = ledger
    .entries()
    .find((entry) => entry.path === path && (document === undefined || entry.document === document));
  if (found === undefined) throw new Error(`the input has no leaf at ${path}`);
  return found;
}
