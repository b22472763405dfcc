import type { IContainer, IPodSpec } from 'kubernetes-models/v1';
import { readFiles } from '../../../charts/ecs/read.js';
import type { Manifest } from '../../../charts/port/manifest.js';
import type { PortOptions } from '../../../charts/port/options.js';
import { manifestsOf, type Port, portInput } from '../../../charts/port/port.js';
import type { Entry } from '../../../charts/report/ledger.js';

/** A port of values written in a test, with short ways to its parts. */
export interface TestPort {
  readonly port: Port;
  readonly manifests: readonly Manifest[];
  /** The object of a kind; the first when there are several. */
  readonly kind: (kind: string) => Manifest;
  /** The pod that the first Deployment, DaemonSet, Job or CronJob runs. */
  readonly pod: () => IPodSpec & {
    readonly annotations: Readonly<Record<string, string>>;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly container: (name: string) => IContainer;
  /** The entry of a field by its path; the document is matched when it is given. */
  readonly entry: (path: string, document?: string) => Entry;
  /** Codes of what was refused. */
  readonly refusals: readonly string[];
}

/** Ports documents given as values: the key is the file's name. */
export function portOf(documents: Readonly<Record<string, unknown>>, options: Partial<PortOptions> = {}): TestPort {
  const files = Object.entries(documents).map(([path, value]) => ({
    path,
    text: typeof value === 'string' ? value : JSON.stringify(value),
  }));
  const port = portInput(readFiles(files).input, options);
  const manifests = manifestsOf(port);
  const find = (kind: string): Manifest => {
    const found = manifests.find((manifest) => manifest.kind === kind);
    if (found === undefined)
      throw new Error(
        `no ${kind} among ${manifests.map((manifest) => manifest.kind).join(', ')}: ${JSON.stringify(port.workloads.map((w) => w.diagnostics))}`,
      );
    return found;
  };
  const pod: TestPort['pod'] = () => {
    const workload = manifests.find((m) => ['Deployment', 'Job', 'CronJob'].includes(m.kind)) ?? find('DaemonSet');
    const spec = workload['spec'] as { template?: Template; jobTemplate?: { spec: { template: Template } } };
    const template = spec.template ?? spec.jobTemplate?.spec.template;
    if (template === undefined) throw new Error('no pod template');
    return {
      ...template.spec,
      annotations: template.metadata.annotations ?? {},
      labels: template.metadata.labels ?? {},
    };
  };
  return {
    port,
    manifests,
    kind: find,
    pod,
    container(name) {
      const { containers, initContainers = [] } = pod();
      const found = [...containers, ...initContainers].find((container) => container.name === name);
      if (found === undefined) throw new Error(`no container ${name}`);
      return found;
    },
    entry(path, document) {
      const found = port.entries.find(
        (entry) => entry.path === path && (document === undefined || entry.document === document),
      );
      if (found === undefined)
        throw new Error(`no entry ${path} among ${port.entries.map((entry) => entry.path).join(', ')}`);
      return found;
    },
    refusals: port.workloads.flatMap((workload) =>
      workload.diagnostics.filter((d) => d.severity === 'refused').map((d) => d.code),
    ),
  };
}

interface Template {
  readonly metadata: { readonly annotations?: Record<string, string>; readonly labels?: Record<string, string> };
  readonly spec: IPodSpec;
}

/** A task definition that ECS accepts, with the given containers; each gets an image and memory unless it has them. */
export function taskDefinition(containers: readonly object[], rest: object = {}): object {
  return {
    family: 'web',
    executionRoleArn: 'arn:aws:iam::111122223333:role/execution',
    containerDefinitions: containers.map((container) => ({ image: 'example/app:1', memory: 128, ...container })),
    ...rest,
  };
}
