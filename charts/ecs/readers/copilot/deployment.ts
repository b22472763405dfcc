import type { SourceNode } from '../../source/source-node.js';
import { at, implied, list, made, membersOf, object, textOf } from '../derived/nodes.js';
import type { Manifest } from './manifest.js';

/** Copilot's alarm names by the field that asks for one. Source: `rollback-alarms.yml` of aws/copilot-cli. */
const ALARMS: ReadonlyMap<string, string> = new Map([
  ['cpu_utilization', 'CopilotRollbackCPUAlarm'],
  ['memory_utilization', 'CopilotRollbackMemAlarm'],
  ['messages_delayed', 'CopilotRollbackMsgsDelayedAlarm'],
]);

/** `deploymentConfiguration`: rolling or recreating, always with ECS's circuit breaker and its rollback. */
export function deploymentConfigurationOf(manifest: Manifest): SourceNode {
  const deployment = manifest.get('deployment');
  const where = deployment ?? manifest.root;
  const rolling = at(deployment, 'rolling');
  const recreate = textOf(rolling)?.toLowerCase() === 'recreate';
  const percent = (value: number): SourceNode => (rolling === undefined ? implied(value, where) : made(value, rolling));
  return object(where, [
    [
      'deploymentCircuitBreaker',
      object(where, [
        ['enable', implied(true, where)],
        ['rollback', implied(true, where)],
      ]),
    ],
    ['minimumHealthyPercent', percent(recreate ? 0 : 100)],
    ['maximumPercent', percent(recreate ? 100 : 200)],
    ['alarms', alarmsOf(manifest, at(deployment, 'rollback_alarms'))],
  ]);
}

function alarmsOf(manifest: Manifest, section: SourceNode | undefined): SourceNode | undefined {
  if (section === undefined) return undefined;
  const names = section.kind === 'object' ? ownAlarms(manifest, section) : list(section, manifest.strings(section));
  if (names === undefined) return undefined;
  return object(section, [
    ['alarmNames', names],
    ['enable', implied(true, section)],
    ['rollback', implied(true, section)],
  ]);
}

/** Alarms that Copilot makes itself; each threshold is accounted to the alarm that carries it. */
function ownAlarms(manifest: Manifest, section: SourceNode): SourceNode | undefined {
  return list(
    section,
    membersOf(section).map(({ key, value }) => {
      const alarm = ALARMS.get(key);
      if (alarm === undefined || (value.kind === 'scalar' && value.value === null)) return undefined;
      return { ...manifest.named(`${manifest.resourceName}-${alarm}`, value), origins: [value] };
    }),
  );
}
