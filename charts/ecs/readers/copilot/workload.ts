import type {
  PutScalingPolicyCommandInput,
  RegisterScalableTargetCommandInput,
} from '@aws-sdk/client-application-auto-scaling';
import type { CreateTargetGroupCommandInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { PutRuleCommandInput, Target as RuleTarget } from '@aws-sdk/client-eventbridge';
import { Field } from '../../field.js';
import type { EcsInput, InputDocument, ReadOptions } from '../../input.js';
import type { Service, TaskDefinition } from '../../model/ahead-of-sdk.js';
import type { SourceNode, SourceObject } from '../../source/source-node.js';
import { type Tree, treeOf } from '../../tree.js';
import { Coverage } from '../derived/coverage.js';
import { asText, at, booleanOf, implied, made, membersOf, object, textOf } from '../derived/nodes.js';
import { type Count, countOf } from './count.js';
import { deploymentConfigurationOf } from './deployment.js';
import { type DerivedTargetGroup, loadBalancingOf } from './load-balancing.js';
import { type ContainerType, fixFor, Manifest } from './manifest.js';
import { markMessaging, noteAdditions } from './messaging.js';
import {
  isConnected,
  markUnservedConnect,
  networkConfigurationOf,
  serviceConnectOf,
  serviceRegistriesOf,
} from './network.js';
import { Ports, type Target } from './ports.js';
import { markAppRunner, tagsOf } from './request-driven.js';
import { scheduleOf } from './schedule.js';
import { taskDefinitionOf } from './task-definition.js';
import { VOCABULARY } from './vocabulary.js';

/** Reads a manifest whose workload runs containers: its task definition, and the service or the schedule that runs it. */
export function readWorkload(
  document: InputDocument,
  root: SourceObject,
  type: ContainerType,
  input: EcsInput,
  options: ReadOptions,
): void {
  const coverage = new Coverage(input.ledger);
  const manifest = new Manifest(document, root, type, options, coverage);
  coverage.same(
    manifest.get('type'),
    [type === 'Scheduled Job' ? 'CronJob' : 'Deployment'],
    'says what kind of workload it is',
  );
  markMessaging(manifest);
  noteAdditions(manifest);
  if (type === 'Request-Driven Web Service') markAppRunner(manifest);

  const ports = new Ports(manifest);
  const served = servedPort(manifest, ports);
  const connected =
    type !== 'Scheduled Job' && type !== 'Request-Driven Web Service' && isConnected(manifest) ? served : undefined;
  const reading = new Reading(manifest, input);
  const family = reading.tree<TaskDefinition>(
    taskDefinitionOf(manifest, ports, connected),
    'ecs.RegisterTaskDefinitionRequest',
  );
  if (type === 'Scheduled Job') reading.schedule();
  else reading.service(ports, served);
  manifest.diagnostics.push(...coverage.refuseRest(document.root, `a manifest of type ${type}`, VOCABULARY));
  input.taskDefinitions.push({
    document: document.path,
    ids: [manifest.name],
    family: manifest.name,
    definition: family.field,
    diagnostics: [...manifest.diagnostics, ...family.diagnostics],
  });
  manifest.addPlaceholders(input, fixFor);
}

/** Conforms derived trees and appends the items that they make. */
class Reading {
  constructor(
    private readonly manifest: Manifest,
    private readonly input: EcsInput,
  ) {}

  tree<T>(node: SourceNode, structure: string): Tree<T> {
    const tree = treeOf<T>(this.input.ledger, node, structure);
    this.manifest.coverage.derived(tree.field);
    return tree;
  }

  service(ports: Ports, served: Target | undefined): void {
    const { manifest, input } = this;
    const balancing = loadBalancingOf(manifest, ports);
    const appRunner = manifest.type === 'Request-Driven Web Service';
    const count: Count = appRunner ? { desiredCount: implied(1, manifest.root), policies: [] } : countOf(manifest);
    markUnservedConnect(manifest, served);
    const where = manifest.root;
    const service = this.tree<Service>(
      object(where, [
        ['serviceName', implied(manifest.name, where)],
        ['cluster', manifest.cluster === undefined ? undefined : implied(manifest.cluster, where)],
        ['taskDefinition', implied(manifest.name, where)],
        ['desiredCount', count.desiredCount],
        ['launchType', count.capacityProviderStrategy === undefined ? implied('FARGATE', where) : undefined],
        ['capacityProviderStrategy', count.capacityProviderStrategy],
        ['deploymentConfiguration', deploymentConfigurationOf(manifest)],
        ['loadBalancers', balancing.loadBalancers],
        ['healthCheckGracePeriodSeconds', balancing.gracePeriod],
        ['serviceRegistries', appRunner ? undefined : serviceRegistriesOf(manifest, served, balancing.targets)],
        ['serviceConnectConfiguration', appRunner ? undefined : serviceConnectOf(manifest, served)],
        ['networkConfiguration', networkConfigurationOf(manifest)],
        ['enableExecuteCommand', executeCommandOf(manifest)],
        ['propagateTags', implied('SERVICE', where)],
        ['tags', tagsOf(manifest)],
      ]),
      'ecs.CreateServiceRequest',
    );
    input.services.push({
      ...this.item(),
      name: manifest.name,
      taskDefinition: manifest.name,
      definition: service.field,
      diagnostics: service.diagnostics,
    });
    for (const group of balancing.targetGroups) this.targetGroup(group);
    this.scaling(count);
  }

  schedule(): void {
    const { manifest, input } = this;
    const derived = scheduleOf(manifest, networkConfigurationOf(manifest));
    if (derived === undefined) return;
    const rule = this.tree<PutRuleCommandInput>(derived.rule, 'eventbridge.PutRuleRequest');
    const target = this.tree<RuleTarget>(derived.target, 'eventbridge.Target');
    input.schedules.push({
      ...this.item(),
      kind: 'rule',
      name: manifest.name,
      taskDefinition: manifest.name,
      rule: rule.field,
      target: target.field,
      diagnostics: [...rule.diagnostics, ...target.diagnostics],
    });
  }

  private scaling(count: Count): void {
    const { manifest, input } = this;
    const item = { ...this.item(), service: manifest.name };
    if (count.target !== undefined) {
      const { field, diagnostics } = this.tree<RegisterScalableTargetCommandInput>(
        count.target,
        'application-auto-scaling.RegisterScalableTargetRequest',
      );
      input.scaling.push({ ...item, kind: 'target', definition: field, diagnostics });
    }
    for (const policy of count.policies) {
      const { field, diagnostics } = this.tree<PutScalingPolicyCommandInput>(
        policy,
        'application-auto-scaling.PutScalingPolicyRequest',
      );
      input.scaling.push({ ...item, kind: 'policy', definition: field, diagnostics });
    }
  }

  private targetGroup(group: DerivedTargetGroup): void {
    const { manifest, input } = this;
    const { field, diagnostics } = this.tree<CreateTargetGroupCommandInput>(
      group.definition,
      'elastic-load-balancing-v2.CreateTargetGroupInput',
    );
    const attributes = new Map(
      [...group.attributes].map(([key, value]) => [
        key,
        manifest.coverage.derived(Field.root<string>(input.ledger, value)),
      ]),
    );
    input.targetGroups.push({
      document: manifest.document.path,
      ids: [textOf(group.arn) ?? ''],
      definition: field,
      attributes,
      diagnostics,
    });
  }

  private item(): { readonly document: string; readonly ids: readonly string[]; readonly cluster?: string } {
    const { manifest } = this;
    const item = { document: manifest.document.path, ids: [manifest.name] };
    return manifest.cluster === undefined ? item : { ...item, cluster: manifest.cluster };
  }
}

/** The port under which other services reach this one: the main rule's target, else the main container's own. UDP is none. */
function servedPort(manifest: Manifest, ports: Ports): Target | undefined {
  const http = manifest.get('http');
  const balanced = http !== undefined && membersOf(http).length > 0 ? ports.targetOf(http) : undefined;
  if (balanced !== undefined) return balanced;
  const own = ports.own(manifest.name);
  return own === undefined || own.protocol === 'udp' ? undefined : { container: own.container, port: own.port };
}

function executeCommandOf(manifest: Manifest): SourceNode | undefined {
  const exec = manifest.get('exec');
  const node = exec?.kind === 'object' ? at(exec, 'enable') : exec;
  const enabled = booleanOf(node);
  return node === undefined || enabled === undefined ? asText(node) : made(enabled, node);
}
