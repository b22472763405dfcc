import { createHash } from 'node:crypto';
import type { IContainer } from 'kubernetes-models/v1';
import type { Interning } from './interning.js';
import type { ContainerConfig, TemplateContainer } from './observation.js';

/** Digests of what a container runs. Values of variables are only kept as digests: they may be secrets. */
export function configOf(container: IContainer, interning: Interning): ContainerConfig {
  const { command = [], args = [], env = [], envFrom = [] } = container;
  const text = JSON.stringify([command, args, env, envFrom]);
  return interning.share('config', text, () => ({
    digest: digest(text),
    command: digest(JSON.stringify([command, args])),
    environment: new Map([
      ...env.map((variable): [string, string] => [variable.name, digest(JSON.stringify(variable))]),
      ...envFrom.map((source): [string, string] => {
        const content = JSON.stringify(source);
        return [`from ${content}`, digest(content)];
      }),
    ]),
  }));
}

/** Whether a container runs what its template says. Variables that the template does not name are admission's, and do not count. */
export function agrees(running: ContainerConfig, template: ContainerConfig): boolean {
  if (running.digest === template.digest) return true;
  if (running.command !== template.command) return false;
  for (const [name, value] of template.environment) if (running.environment.get(name) !== value) return false;
  return true;
}

/** Containers of a pod template by name: regular ones and native sidecars. */
export function templateOf(
  spec: { readonly containers?: readonly IContainer[]; readonly initContainers?: readonly IContainer[] } | undefined,
  interning: Interning,
): ReadonlyMap<string, TemplateContainer> {
  return new Map(
    lastingContainers(spec).map((container) => {
      const config = configOf(container, interning);
      return [
        interning.text(container.name),
        { image: interning.text(container.image ?? ''), configDigest: config.digest, config },
      ];
    }),
  );
}

/** Containers that are to run as long as the pod: regular ones, and initialization containers that restart always. */
export function lastingContainers(
  spec: { readonly containers?: readonly IContainer[]; readonly initContainers?: readonly IContainer[] } | undefined,
): readonly IContainer[] {
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...(spec?.containers ?? []), ...sidecars];
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}
