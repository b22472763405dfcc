import {
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTaskSetsCommand,
  ListServicesCommand,
  type Service,
  type ServiceRevision,
} from '@aws-sdk/client-ecs';
import { shortName } from '../arn.js';
import { counter, type LiveAccount } from './account.js';
import { allPages, batchesOf, sortedBy, sortedTexts } from './paging.js';

/** Limits of the ECS API: services a page and a `DescribeServices` call, revisions a `DescribeServiceRevisions` call. */
const SERVICES_A_PAGE = 100;
const SERVICES_A_CALL = 10;
const REVISIONS_A_CALL = 20;

/**
 * The active services of the cluster, as `describe-services --include TAGS` answers them, by ARN. The task sets of services
 * that CodeDeploy or another controller deploys are completed; events, which tell what happened, are left out.
 *
 * @throws LiveAccountError when services cannot be listed or described
 */
export async function readServices(account: LiveAccount): Promise<readonly Service[]> {
  const { calls, clients, clusterArn: cluster } = account;
  const list = 'ecs:ListServices';
  const arns = await allPages(list, async (nextToken) => {
    const page = await calls.send(list, () =>
      clients.ecs.send(
        new ListServicesCommand({
          cluster,
          maxResults: SERVICES_A_PAGE,
          ...(nextToken === undefined ? {} : { nextToken }),
        }),
      ),
    );
    return { items: page.serviceArns, next: page.nextToken };
  });
  const known = sortedTexts(arns);
  const count = counter(account, 'services', known.length);
  const answers = await Promise.all(
    batchesOf(known, SERVICES_A_CALL).map(async (services) => {
      const answer = await calls.send('ecs:DescribeServices', () =>
        clients.ecs.send(new DescribeServicesCommand({ cluster, services: [...services], include: ['TAGS'] })),
      );
      for (const { arn, reason } of answer.failures ?? []) noteFailure(account, 'ecs:DescribeServices', arn, reason);
      count(services.length);
      return answer.services ?? [];
    }),
  );
  const active = answers.flat().filter((service) => isActive(account, service));
  const complete = await Promise.all(active.map((service) => withTaskSets(account, service)));
  return sortedBy(complete, arnOf);
}

/** The revision that each service runs, with the digests of its images, by ARN; none where ECS does not tell it. */
export async function readServiceRevisions(
  account: LiveAccount,
  services: readonly Service[],
): Promise<readonly ServiceRevision[]> {
  const { calls, clients } = account;
  const action = 'ecs:DescribeServiceRevisions';
  const arns = sortedTexts(
    services.flatMap((service) => (service.currentServiceRevisions ?? []).flatMap(({ arn }) => arn ?? [])),
  );
  const lost = 'images are not pinned to the digests that run, and gateway connectors and monitoring are not seen';
  const answers = await Promise.all(
    batchesOf(arns, REVISIONS_A_CALL).map(async (serviceRevisionArns) => {
      const answer = await calls.optional({ lost }, () =>
        calls.send(action, () =>
          clients.ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns: [...serviceRevisionArns] })),
        ),
      );
      for (const { arn, reason } of answer?.failures ?? []) noteFailure(account, action, arn, reason);
      return answer?.serviceRevisions ?? [];
    }),
  );
  const found = answers.flat();
  const current = services.flatMap((service) => currentOf(service, found) ?? []);
  return sortedBy(current, (revision) => revision.serviceRevisionArn ?? '');
}

/**
 * Names of the task definitions that a service runs: its own, or those of its primary task set where only a deployment
 * controller knows them.
 */
export function taskDefinitionsOf(service: Service): readonly string[] {
  if (service.taskDefinition !== undefined) return [service.taskDefinition];
  const sets = service.taskSets ?? [];
  const primary = sets.find(({ status }) => status === 'PRIMARY') ?? sets[0];
  return primary?.taskDefinition === undefined ? [] : [primary.taskDefinition];
}

/** Name of a service within its cluster. */
export function nameOfService(service: Service): string {
  return service.serviceName ?? shortName(arnOf(service));
}

/** A deleted service is described for a while: `DRAINING` until its tasks have stopped, then `INACTIVE`. */
function isActive(account: LiveAccount, service: Service): boolean {
  if (service.status === 'DRAINING') {
    const why = 'the service is being deleted';
    account.calls.note({ call: 'ecs:DescribeServices', of: [nameOfService(service)], why, lost: 'it is not ported' });
  }
  return service.status === undefined || service.status === 'ACTIVE';
}

async function withTaskSets(account: LiveAccount, service: Service): Promise<Service> {
  const { events: _history, ...rest } = service;
  const controller = service.deploymentController?.type;
  if (controller !== 'CODE_DEPLOY' && controller !== 'EXTERNAL') return rest;
  const { calls, clients, clusterArn: cluster } = account;
  const name = nameOfService(service);
  const lost = 'tags of its task sets are not seen';
  const answer = await calls.optional({ of: name, lost }, () =>
    calls.send('ecs:DescribeTaskSets', () =>
      clients.ecs.send(new DescribeTaskSetsCommand({ cluster, service: arnOf(service), include: ['TAGS'] })),
    ),
  );
  const { deployments, ...withoutDeployments } = rest;
  // Such a service has task sets instead of deployments; an empty list of these says nothing.
  const base = deployments?.length === 0 ? withoutDeployments : rest;
  return answer?.taskSets === undefined || answer.taskSets.length === 0 ? base : { ...base, taskSets: answer.taskSets };
}

/**
 * While a deployment is under way a service has several current revisions. The one of the task definition that the
 * service names is meant, and of two such the newer one.
 */
function currentOf(service: Service, revisions: readonly ServiceRevision[]): ServiceRevision | undefined {
  const arns = new Set((service.currentServiceRevisions ?? []).map(({ arn }) => arn));
  const own = revisions.filter(
    ({ serviceRevisionArn, taskDefinition }) =>
      arns.has(serviceRevisionArn) &&
      (service.taskDefinition === undefined || service.taskDefinition === taskDefinition),
  );
  return sortedBy(
    own,
    (revision) => `${revision.createdAt?.toISOString() ?? ''} ${revision.serviceRevisionArn ?? ''}`,
  ).at(-1);
}

function noteFailure(account: LiveAccount, call: string, arn: string | undefined, reason: string | undefined): void {
  const why = `ECS lists it but does not describe it: ${reason ?? 'no reason is given'}`;
  const of = arn === undefined ? [] : [shortName(arn)];
  account.calls.note({
    call,
    of,
    why,
    lost: 'it is not ported',
    todo: 'run it again; it may have been deleted meanwhile',
  });
}

function arnOf(service: Service): string {
  return service.serviceArn ?? '';
}
