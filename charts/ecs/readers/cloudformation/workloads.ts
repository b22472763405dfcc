import type { CreateTargetGroupCommandInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import { Field } from '../../field.js';
import type { Service, TaskDefinition } from '../../model/ahead-of-sdk.js';
import { memberOf, type SourceNode, type SourceScalar, stringOf } from '../../source/source-node.js';
import { clusterNameOf, idsOf, knownText, type Reading, renamed, without, writtenText } from './reading.js';
import type { Resource } from './template.js';

/** `AWS::ECS::Service` names one list otherwise than `CreateService`. */
const SERVICE_NAMES = new Map([['PlacementStrategies', 'placementStrategy']]);

/** Reads an `AWS::ECS::TaskDefinition`; its family is the logical id where the template leaves it open. */
export function readTaskDefinition(resource: Resource, reading: Reading): true {
  const structure = 'ecs.RegisterTaskDefinitionRequest';
  const tree = reading.tree<TaskDefinition>(reading.properties(resource), structure, reading.path(resource));
  const family = tree.field.get('family');
  reading.input.taskDefinitions.push({
    document: reading.document.path,
    ids: idsOf(resource.id, writtenText(family)),
    family: knownText(family) ?? resource.id,
    definition: tree.field,
    diagnostics: tree.diagnostics,
  });
  return true;
}

/** Reads an `AWS::ECS::Service`; its name is the logical id where the template leaves it open. */
export function readService(resource: Resource, reading: Reading): true {
  const properties = renamed(reading.properties(resource), SERVICE_NAMES);
  const tree = reading.tree<Service>(properties, 'ecs.CreateServiceRequest', reading.path(resource));
  const name = tree.field.get('serviceName');
  const cluster = clusterNameOf(knownText(tree.field.get('cluster')));
  const taskDefinition = writtenText(tree.field.get('taskDefinition'));
  reading.input.services.push({
    document: reading.document.path,
    ids: idsOf(resource.id, writtenText(name)),
    name: knownText(name) ?? resource.id,
    ...(cluster === undefined ? {} : { cluster }),
    ...(taskDefinition === undefined ? {} : { taskDefinition }),
    definition: tree.field,
    diagnostics: tree.diagnostics,
  });
  return true;
}

/** Reads an `AWS::ElasticLoadBalancingV2::TargetGroup` with its attributes. */
export function readTargetGroup(resource: Resource, reading: Reading): true {
  const properties = reading.properties(resource);
  const rest = without(properties, 'TargetGroupAttributes', 'Targets');
  const path = reading.path(resource);
  const tree = reading.tree<CreateTargetGroupCommandInput>(
    rest,
    'elastic-load-balancing-v2.CreateTargetGroupInput',
    path,
  );
  const targets = memberOf(properties, 'Targets');
  if (targets !== undefined) {
    const lost = 'targets registered by hand are no ECS tasks';
    reading.mark(targets, { fidelity: 'none', kubernetes: [], lost, todo: 'keep them in a target group of their own' });
  }
  reading.input.targetGroups.push({
    document: reading.document.path,
    ids: idsOf(resource.id, writtenText(tree.field.get('Name'))),
    definition: tree.field,
    attributes: attributesOf(memberOf(properties, 'TargetGroupAttributes'), reading),
    diagnostics: tree.diagnostics,
  });
  return true;
}

function attributesOf(list: SourceNode | undefined, reading: Reading): ReadonlyMap<string, Field<string>> {
  const values = new Map<string, SourceScalar>();
  const refuse = (node: SourceNode, lost: string): void =>
    reading.mark(node, { fidelity: 'none', kubernetes: [], lost });
  if (list !== undefined && list.kind !== 'array')
    refuse(list, 'target group attributes are a list of keys and values');
  for (const item of list?.kind === 'array' ? list.items : []) {
    const keyNode = memberOf(item, 'Key');
    const key = stringOf(keyNode);
    const value = memberOf(item, 'Value');
    if (keyNode === undefined || key === undefined || value?.kind !== 'scalar') {
      refuse(item, 'a target group attribute has a key and a value');
      continue;
    }
    const earlier = values.get(key);
    for (const origin of earlier?.origins ?? []) refuse(origin, 'given twice; the last one counts');
    reading.reportMissing(value);
    const others =
      item.kind === 'object' ? item.members.map((member) => member.value).filter((node) => node !== value) : [];
    const text = value.value === null ? null : String(value.value);
    values.set(key, { ...value, value: text, origins: [value, ...others] });
  }
  return new Map([...values].map(([key, node]) => [key, Field.root<string>(reading.input.ledger, node)]));
}
