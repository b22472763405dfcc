import { createHash } from 'node:crypto';
import { parseSecretReference } from '../../ecs/secret-reference.js';
import { externalSecretFor, type SecretItem } from '../external-secret.js';
import { keyName } from '../names.js';
import type { ContainerDraft, PodDraft, PortContext } from '../pod-draft.js';
import { LOG_AGENT } from './agent-identity.js';
import type { AgentVariable } from './log-route.js';

/** The secret options of a pod's log drivers. */
export interface AgentSecrets {
  /** The agent's variable for each secret option of a container. */
  variableNames(draft: ContainerDraft): ReadonlyMap<string, string>;
  /** Renders the secrets of containers that have a route, and says where their variables come from. */
  variables(routed: readonly ContainerDraft[]): (draft: ContainerDraft) => readonly AgentVariable[];
}

interface Found {
  readonly draft: ContainerDraft;
  readonly option: string;
  readonly item: SecretItem;
  readonly variable: string;
}

/**
 * Hands secret options of log drivers to the log agent: Docker gave them to the driver, never to the container. The values
 * come into the agent's namespace through the External Secrets operator, with the execution role of the task as in ECS.
 * Options of `awsfirelens` are not for the agent; the router has them.
 */
export function agentSecrets(pod: PodDraft, context: PortContext): AgentSecrets {
  const found = pod.containers.flatMap((draft) => secretsOf(draft, context));
  const of = (draft: ContainerDraft): readonly Found[] => found.filter((secret) => secret.draft === draft);
  return {
    variableNames: (draft) => new Map(of(draft).map(({ option, variable }) => [option, variable])),
    variables: (routed) => {
      const agent: PortContext = {
        ...context,
        namespace: LOG_AGENT.namespace,
        name: `${context.namespace}.${context.name}`,
      };
      const items = found.filter(({ draft }) => routed.includes(draft)).map(({ item }) => item);
      const places = externalSecretFor(agent, 'log', items);
      return (draft) =>
        of(draft).flatMap(({ variable, item }): AgentVariable[] => {
          const place = places.get(item.key);
          return place === undefined
            ? []
            : [{ name: variable, source: { secretKeyRef: { name: place.name, key: place.key } } }];
        });
    },
  };
}

function secretsOf(draft: ContainerDraft, context: PortContext): readonly Found[] {
  const log = draft.definition.get('logConfiguration');
  if (log.get('logDriver').value === 'awsfirelens' || context.fargate || context.windows) return [];
  const found = new Map<string, Found>();
  for (const secret of log.get('secretOptions').items()) {
    const option = secret.get('name').value ?? '';
    const reference = parseSecretReference(secret.get('valueFrom').value ?? '');
    if (option === '') secret.none('a secret option without a name');
    else if (reference === undefined) {
      secret.none(
        'not the ARN of a secret or parameter, nor a name',
        'correct valueFrom: ECS could not start this task either',
      );
    } else {
      secret.get('name').same([], 'the name of the option');
      const item: SecretItem = { key: `${draft.spec.name}.${keyName(option)}`, reference };
      found.set(option, {
        draft,
        option,
        item,
        variable: variableName([context.namespace, context.name, draft.spec.name, option]),
      });
    }
  }
  return [...found.values()];
}

/** One agent serves all workloads, so the hash keeps `a-b` of `c` from meeting `a` of `b-c`. */
function variableName(parts: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8).toUpperCase();
  return `LOG_${parts
    .join('_')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .slice(0, 200)}_${hash}`;
}
