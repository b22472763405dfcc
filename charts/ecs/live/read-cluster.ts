import { setTimeout as wait } from 'node:timers/promises';
import type { InputDocument } from '../input.js';
import { shortName } from '../arn.js';
import { findCluster, type LiveAccount, regionOfCluster } from './account.js';
import { alarmsOfDeployments, readAlarms } from './alarms.js';
import { answerDocument } from './answer-document.js';
import { Calls } from './calls.js';
import { closeClients, type LiveClients, liveClients, regionOf } from './clients.js';
import { nameOfTargetGroup, readTargetGroups } from './load-balancing.js';
import { readRules, taskDefinitionsOfRules } from './rules.js';
import { alarmsOfScaling, readScaling } from './scaling.js';
import { nameOfSchedule, readSchedules, taskDefinitionsOfSchedules } from './schedules.js';
import { nameOfService, readServiceRevisions, readServices, taskDefinitionsOf } from './services.js';
import { readTaskDefinitions } from './task-definitions.js';
import { type Sleep, Throttle } from './throttle.js';

/** What {@link readCluster} is told. */
export interface ReadClusterOptions {
  /** Short name or ARN of the ECS cluster. */
  readonly cluster: string;
  /** @default the region in the cluster's ARN, then what the AWS command line would use */
  readonly region?: string;
  /** Called with a short text about what has been read, such as `services: 20 of 23`. */
  readonly onProgress?: (text: string) => void;
  /** Clients to call by, for tests and for accounts that are reached in a way of their own. @default of {@link liveClients} */
  readonly clients?: LiveClients;
  /** @default waits by the machine's clock */
  readonly sleep?: Sleep;
}

/**
 * Reads what a cluster runs from a live account: its services with the revisions that are deployed, their task definitions,
 * target groups, scaling and alarms, and the schedules that start tasks in it. Only calls that read are made.
 *
 * Each document holds one answer in the form in which the AWS command line prints it, so the readers of files read it too.
 * The documents come in the order of their kinds and ARNs. What could not be read, or was left out, is a document as well,
 * which becomes a finding of the report; only where nothing could be ported without it does the reading fail.
 *
 * @throws LiveAccountError when the cluster, its services or their task definitions cannot be read
 * @example
 * const documents = await readCluster({ cluster: 'shop', region: 'eu-west-1' });
 * const { input } = readDocuments(documents, emptyInput());
 */
export async function readCluster(options: ReadClusterOptions): Promise<InputDocument[]> {
  const { onProgress = () => {}, sleep = (milliseconds) => wait(milliseconds) } = options;
  const clients = options.clients ?? (await liveClients(options.region ?? regionOfCluster(options.cluster)));
  const onWait = (action: string, seconds: number): void => onProgress(`AWS throttles ${action}: waiting ${seconds} s`);
  const throttle = new Throttle({ sleep, onWait });
  try {
    const calls = new Calls(throttle);
    const region = await regionOf(clients.ecs);
    const found = await findCluster(clients.ecs, calls, options.cluster, region);
    return await readDocuments({ ...found, clients, calls, progress: onProgress });
  } finally {
    throttle.close();
    if (options.clients === undefined) closeClients(clients);
  }
}

async function readDocuments(account: LiveAccount): Promise<InputDocument[]> {
  const { cluster, calls } = account;
  const services = await readServices(account);
  const revisions = await readServiceRevisions(account, services);
  const targetGroups = await readTargetGroups(account, services);
  const scaling = await readScaling(account, services);
  const rules = await readRules(account);
  const schedules = await readSchedules(account);
  const taskDefinitions = await readTaskDefinitions(account, [
    ...services.flatMap(taskDefinitionsOf),
    ...taskDefinitionsOfRules(rules),
    ...taskDefinitionsOfSchedules(schedules),
  ]);
  const alarms = await readAlarms(account, [...alarmsOfDeployments(services), ...alarmsOfScaling(scaling)]);
  const { unread } = calls;
  const paths = new Map<string, number>();
  const document = (path: string, answer: object): InputDocument => answerDocument(unused(path, paths), answer);
  return [
    ...services.map((service) =>
      document(`aws:ecs/${cluster}/service/${nameOfService(service)}`, { services: [service] }),
    ),
    ...revisions.map((revision) => {
      const name = shortName(revision.serviceArn ?? '');
      return document(`aws:ecs/${cluster}/service-revision/${name}`, { serviceRevisions: [revision] });
    }),
    ...taskDefinitions.map((described) => {
      const name = shortName(described.taskDefinition.taskDefinitionArn ?? '');
      return document(`aws:ecs/task-definition/${name}`, described);
    }),
    ...targetGroups.map(({ targetGroup, attributes }) => {
      const { TargetGroupArn = '' } = targetGroup;
      const path = `aws:elasticloadbalancing/target-group/${nameOfTargetGroup(TargetGroupArn)}`;
      const rest = attributes === undefined ? {} : { TargetGroupArn, Attributes: attributes };
      return document(path, { TargetGroups: [targetGroup], ...rest });
    }),
    ...scaling.map(({ service, ...answers }) => document(`aws:application-autoscaling/${cluster}/${service}`, answers)),
    ...rules.map((rule) => {
      const { EventBusName = 'default', Name = '' } = rule.Rule;
      return document(`aws:events/${shortName(EventBusName)}/${Name}`, rule);
    }),
    ...schedules.map((schedule) => document(`aws:scheduler/${nameOfSchedule(schedule)}`, schedule)),
    ...alarms.map(({ name, answer }) => document(`aws:cloudwatch/alarm/${name}`, answer)),
    ...(unread.length === 0 ? [] : [document(`aws:ecs/${cluster}/unread`, { unread })]),
  ];
}

/** Documents are told apart by their paths, so a path that comes again gets a number. */
function unused(path: string, paths: Map<string, number>): string {
  const times = (paths.get(path) ?? 0) + 1;
  paths.set(path, times);
  return times === 1 ? path : `${path}#${times}`;
}
