import { InputError } from '../diagnostic.js';
import { emptyInput } from '../empty-input.js';
import type { EcsInput, Reader } from '../input.js';
import { memberOf, positionOf, stringOf } from '../source/source-node.js';
import { Derivation } from './cloudformation/derivation.js';
import { Resolver } from './cloudformation/intrinsics.js';
import { Parameters } from './cloudformation/parameters.js';
import { Reading } from './cloudformation/reading.js';
import { markAttributes, markSections, rolesOfTasks, setAsideResource } from './cloudformation/remainder.js';
import { readScalableTarget, readScalingPolicy } from './cloudformation/scaling.js';
import { readRule, readSchedule } from './cloudformation/schedules.js';
import { isTemplate, type Resource, templateOf } from './cloudformation/template.js';
import { readService, readTargetGroup, readTaskDefinition } from './cloudformation/workloads.js';

/**
 * Reads CloudFormation templates, in JSON or YAML, written by hand or by the CDK or Copilot: the ECS resources and the
 * target groups, scaling and schedules around them. Each other resource is one entry of the report.
 *
 * Source: CloudFormation template reference of the types in {@link READERS}.
 *
 * @example cloudFormationReader.recognizes({ path: 'web.yaml', root }) // true for `Resources: {Web: {Type: AWS::ECS::Service}}`
 */
export const cloudFormationReader: Reader = {
  form: 'CloudFormation template',
  recognizes: ({ root }) => isTemplate(root),
  read(document, input, options) {
    const template = templateOf(document.root);
    if (template === undefined) {
      const position = positionOf(memberOf(document.root, 'Resources') ?? document.root);
      const message = 'a template needs Resources, an object of resources by their logical ids';
      throw new InputError('invalid-template', [{ severity: 'refused', code: 'invalid-template', message, position }]);
    }
    const derivation = new Derivation(input.ledger, document.root.file.text.length);
    const parameters = new Parameters(template.parameters, options.parameters);
    const resolver = new Resolver(template, parameters, options, derivation);
    const found = emptyInput(input.ledger);
    const reading = new Reading(document, template, resolver, derivation, found);
    const roles = rolesOfTasks(template);
    for (const resource of template.resources.values()) readResource(resource, roles, reading);
    markSections(reading, parameters);
    found.diagnostics.push(...derivation.diagnostics);
    append(found, input);
  },
};

/** Reads a resource; answers false when it turns out to have nothing to do with ECS. */
type ResourceReader = (resource: Resource, reading: Reading) => boolean;

const READERS: ReadonlyMap<string, ResourceReader> = new Map<string, ResourceReader>([
  ['AWS::ECS::TaskDefinition', readTaskDefinition],
  ['AWS::ECS::Service', readService],
  ['AWS::ElasticLoadBalancingV2::TargetGroup', readTargetGroup],
  ['AWS::ApplicationAutoScaling::ScalableTarget', readScalableTarget],
  ['AWS::ApplicationAutoScaling::ScalingPolicy', readScalingPolicy],
  ['AWS::Events::Rule', readRule],
  ['AWS::Scheduler::Schedule', readSchedule],
]);

function readResource(resource: Resource, roles: ReadonlyMap<string, string>, reading: Reading): void {
  const read = READERS.get(resource.type);
  const condition = memberOf(resource.node, 'Condition');
  const name = read === undefined ? undefined : stringOf(condition);
  if (
    condition !== undefined &&
    name !== undefined &&
    reading.resolver.conditions.decide(name, condition).holds === false
  ) {
    const lost = `not created: condition ${name} is false`;
    reading.input.ledger.collapse(resource.node, { fidelity: 'same', kubernetes: [], lost });
  } else if (read?.(resource, reading) === true) markAttributes(resource, reading);
  else setAsideResource(resource, roles, reading);
}

/** Appended at the end, so that a template that is refused half-way leaves nothing behind. */
function append(found: EcsInput, input: EcsInput): void {
  input.taskDefinitions.push(...found.taskDefinitions);
  input.services.push(...found.services);
  input.schedules.push(...found.schedules);
  input.scaling.push(...found.scaling);
  input.targetGroups.push(...found.targetGroups);
  input.placeholders.push(...found.placeholders);
  input.diagnostics.push(...found.diagnostics);
}
