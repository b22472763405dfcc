import {
  DescribeRuleCommand,
  type DescribeRuleCommandOutput,
  ListEventBusesCommand,
  ListRuleNamesByTargetCommand,
  ListTargetsByRuleCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';
import { parseArn } from '../arn.js';
import type { LiveAccount } from './account.js';
import { allPages, sortedBy, sortedTexts } from './paging.js';

/** An EventBridge rule that starts tasks of the cluster, with its targets. */
export interface DescribedRule {
  readonly Rule: Omit<DescribeRuleCommandOutput, '$metadata'>;
  /** Without the ECS targets of other clusters. */
  readonly Targets: readonly Target[];
}

const DEFAULT_BUS = 'default';

/**
 * The rules that start tasks of the cluster, by the clock or for an event, by ARN. EventBridge is asked for the rules whose
 * target is the cluster, which takes one call an event bus instead of one a rule of the account.
 */
export async function readRules(account: LiveAccount): Promise<readonly DescribedRule[]> {
  const buses = await readBuses(account);
  const answers = await Promise.all(buses.map((bus) => readRulesOfBus(account, bus)));
  const rules = sortedBy(answers.flat(), ({ Rule }) => Rule.Arn ?? `${Rule.EventBusName ?? ''}/${Rule.Name ?? ''}`);
  if (rules.length > 0) account.progress(`EventBridge rules: ${rules.length}`);
  return rules;
}

/** Task definitions that the rules start. */
export function taskDefinitionsOfRules(rules: readonly DescribedRule[]): readonly string[] {
  return rules.flatMap(({ Targets }) => Targets.flatMap(({ EcsParameters }) => EcsParameters?.TaskDefinitionArn ?? []));
}

async function readBuses({ calls, clients }: LiveAccount): Promise<readonly string[]> {
  const action = 'events:ListEventBuses';
  const about = { lost: 'only rules of the default event bus are seen; other buses have none that run by the clock' };
  const names = await calls.optional(about, () =>
    allPages(action, async (NextToken) => {
      const page = await calls.send(action, () =>
        clients.eventBridge.send(new ListEventBusesCommand(NextToken === undefined ? {} : { NextToken })),
      );
      return { items: page.EventBuses?.flatMap(({ Name }) => Name ?? []), next: page.NextToken };
    }),
  );
  return sortedTexts([DEFAULT_BUS, ...(names ?? [])]);
}

async function readRulesOfBus(account: LiveAccount, bus: string): Promise<readonly DescribedRule[]> {
  const { calls, clients, clusterArn } = account;
  const action = 'events:ListRuleNamesByTarget';
  const about = { of: bus, lost: 'tasks that EventBridge rules start are not seen and not ported' };
  const names = await calls.optional(about, () =>
    allPages(action, async (token) => {
      const command = new ListRuleNamesByTargetCommand({
        TargetArn: clusterArn,
        EventBusName: bus,
        ...(token === undefined ? {} : { NextToken: token }),
      });
      const page = await calls.send(action, () => clients.eventBridge.send(command));
      return { items: page.RuleNames, next: page.NextToken };
    }),
  );
  const rules = await Promise.all(sortedTexts(names ?? []).map((name) => readRule(account, bus, name)));
  return rules.flatMap((rule) => rule ?? []);
}

async function readRule(account: LiveAccount, bus: string, name: string): Promise<DescribedRule | undefined> {
  const { calls, clients } = account;
  const of = bus === DEFAULT_BUS ? name : `${bus}/${name}`;
  return calls.optional({ of, lost: 'the tasks that the rule starts are not ported' }, async () => {
    const { $metadata: _call, ...Rule } = await calls.send('events:DescribeRule', () =>
      clients.eventBridge.send(new DescribeRuleCommand({ Name: name, EventBusName: bus })),
    );
    const action = 'events:ListTargetsByRule';
    const targets = await allPages(action, async (token) => {
      const command = new ListTargetsByRuleCommand({
        Rule: name,
        EventBusName: bus,
        ...(token === undefined ? {} : { NextToken: token }),
      });
      const page = await calls.send(action, () => clients.eventBridge.send(command));
      return { items: page.Targets, next: page.NextToken };
    });
    const Targets = targets.filter((target) => !isOfAnotherCluster(target, account.clusterArn));
    return Targets.length === 0 ? undefined : { Rule, Targets: sortedBy(Targets, ({ Id }) => Id ?? '') };
  });
}

function isOfAnotherCluster({ Arn, EcsParameters }: Target, clusterArn: string): boolean {
  const runsTasks = EcsParameters !== undefined || parseArn(Arn ?? '')?.service === 'ecs';
  return runsTasks && Arn !== clusterArn;
}
