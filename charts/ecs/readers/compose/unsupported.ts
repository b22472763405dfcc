import type { SourceNode } from '../../source/source-node.js';
import { at, membersOf } from '../derived/nodes.js';
import type { Project } from './project.js';

interface Loss {
  readonly lost: string;
  readonly todo?: string;
  /** Fields that carry it with a difference; without them nothing does. */
  readonly kubernetes?: readonly string[];
}

/** Fields of a service that the task definition of ecs-cli does not have, by name. */
const SERVICE: ReadonlyMap<string, Loss> = new Map<string, Loss>([
  ['container_name', { lost: 'the container is named as the service', kubernetes: ['Container.name'] }],
  [
    'env_file',
    {
      lost: 'the file is read where compose runs, and is not part of the input',
      todo: 'write its variables under environment, or make a ConfigMap of it',
    },
  ],
  ['expose', { lost: 'containers of one pod reach each other on every port', kubernetes: ['Container.ports'] }],
  [
    'restart',
    {
      lost: 'ecs-cli does not carry it: on ECS the end of an essential container ends the task, and the service starts another',
      kubernetes: ['PodSpec.restartPolicy'],
    },
  ],
  [
    'networks',
    {
      lost: 'all containers of a pod share one network',
      kubernetes: ['PodSpec'],
      todo: 'separate services into pods of their own where networks kept them apart',
    },
  ],
  [
    'secrets',
    {
      lost: 'compose mounts secrets as files under /run/secrets, ECS has none',
      todo: 'keep them in Secrets Manager and name them under secrets of ecs-params.yml',
    },
  ],
  ['configs', { lost: 'compose mounts configs as files, ECS has none', todo: 'mount a ConfigMap' }],
  ['extends', { lost: 'the service it extends is not merged', todo: 'port the output of docker compose config' }],
  ['profiles', { lost: 'every service runs in the task, whatever its profile' }],
  ['scale', { lost: 'the services of a task run together, once each' }],
  [
    'stop_signal',
    { lost: 'ECS has no field for it and sends the signal that the image names', todo: 'set STOPSIGNAL in the image' },
  ],
  ['external_links', { lost: 'containers outside the task have no name in it', todo: 'reach them by their Service' }],
  ['domainname', { lost: 'ECS has no field for it', todo: 'set subdomain in the pod' }],
  ['mac_address', { lost: 'the network interface is made by the VPC CNI' }],
  [
    'cpuset',
    { lost: 'ECS does not pin containers to processors', todo: 'use the static CPU manager policy of the kubelet' },
  ],
  ['cpu_quota', { lost: 'ECS gives Linux containers shares and no quota', todo: 'set a CPU limit' }],
  ['cpu_period', { lost: 'ECS gives Linux containers shares and no quota' }],
  ['cpu_count', { lost: 'ECS has no field for it' }],
  ['cpu_percent', { lost: 'ECS has no field for it' }],
  ['cpu_rt_period', { lost: 'ECS has no field for it' }],
  ['cpu_rt_runtime', { lost: 'ECS has no field for it' }],
  ['memswap_limit', { lost: 'ecs-cli does not carry it; swap is a setting of the node' }],
  ['oom_kill_disable', { lost: 'ECS has no field for it' }],
  ['oom_score_adj', { lost: 'ECS has no field for it' }],
  ['pids_limit', { lost: 'ECS has no field for it; the kubelet limits processes per pod' }],
  ['blkio_config', { lost: 'ECS has no field for it' }],
  ['device_cgroup_rules', { lost: 'ECS has no field for it' }],
  ['cgroup_parent', { lost: 'ECS puts all containers of a task into one control group' }],
  ['cgroup', { lost: 'ECS has no field for it' }],
  ['storage_opt', { lost: 'ECS has no field for it' }],
  ['group_add', { lost: 'ECS has no field for it', todo: 'set supplementalGroups of the pod' }],
  ['userns_mode', { lost: 'ECS has no field for it' }],
  ['uts', { lost: 'ECS has no field for it' }],
  ['isolation', { lost: 'ECS has no field for it' }],
  ['runtime', { lost: 'ECS has no field for it', todo: 'set runtimeClassName of the pod' }],
  ['gpus', { lost: 'ecs-cli does not carry it', todo: 'set gpu of the service in ecs-params.yml' }],
  ['pull_policy', { lost: 'ECS pulls an image at every start', kubernetes: ['Container.imagePullPolicy'] }],
  ['annotations', { lost: 'ECS has no field for it', todo: 'use labels' }],
  ['label_file', { lost: 'the file is read where compose runs, and is not part of the input' }],
  ['credential_spec', { lost: 'ecs-cli does not carry it', todo: 'use a gMSA credential spec of the pod' }],
  ['dns_opt', { lost: 'ECS has no field for it', todo: 'set dnsConfig.options of the pod' }],
  ['attach', { lost: 'concerns the terminal of docker compose up only' }],
  ['develop', { lost: 'concerns docker compose watch only' }],
  ['provider', { lost: 'what it provides is made outside the task' }],
  ['models', { lost: 'ECS has no field for it' }],
  ['post_start', { lost: 'ECS has no field for it', todo: 'set lifecycle.postStart of the container' }],
  ['pre_stop', { lost: 'ECS has no field for it', todo: 'set lifecycle.preStop of the container' }],
  ['use_api_socket', { lost: 'there is no Docker socket in a pod' }],
  [
    'volume_driver',
    { lost: 'ecs-cli does not carry it', todo: 'declare the volume under docker_volumes of ecs-params.yml' },
  ],
]);

const DEPLOY = 'ecs-cli does not carry it: it configures a Docker swarm';

/** Marks the fields of a service that nothing derives, and its extension fields. */
export function markUnsupported(project: Project, service: SourceNode): void {
  for (const { key, value } of membersOf(service)) {
    const loss = SERVICE.get(key);
    if (loss !== undefined) mark(project, value, loss);
    else if (key.startsWith('x-')) project.coverage.same(value, [], 'an extension field, which nothing reads');
  }
  const deploy = at(service, 'deploy');
  for (const { key, value } of membersOf(deploy)) {
    if (key !== 'resources' && key !== 'replicas') project.coverage.none(value, DEPLOY);
  }
  project.coverage.none(
    at(deploy, 'resources', 'limits', 'pids'),
    'ECS has no field for it; the kubelet limits processes per pod',
  );
  project.coverage.none(at(deploy, 'resources', 'reservations', 'generic_resources'), DEPLOY);
}

/** Marks what stands beside the services. */
export function markTopLevel(project: Project): void {
  const { coverage, root } = project;
  coverage.same(at(root, 'version'), [], 'the version of the file format');
  coverage.same(at(root, 'name'), ['Deployment.metadata.name'], 'the name of the project is that of the task family');
  coverage.near(
    at(root, 'networks'),
    ['PodSpec'],
    'all containers of a pod share one network',
    'separate services into pods of their own where networks kept them apart',
  );
  coverage.none(
    at(root, 'secrets'),
    'compose mounts secrets as files, ECS has none',
    'keep them in Secrets Manager and name them under secrets of ecs-params.yml',
  );
  coverage.none(at(root, 'configs'), 'compose mounts configs as files, ECS has none', 'mount a ConfigMap');
  coverage.none(
    at(root, 'include'),
    'the files it includes are not merged',
    'port the output of docker compose config',
  );
  for (const { key, value } of membersOf(root))
    if (key.startsWith('x-')) coverage.same(value, [], 'an extension field, which nothing reads');
}

function mark(project: Project, node: SourceNode, { lost, todo, kubernetes }: Loss): void {
  if (kubernetes === undefined) project.coverage.none(node, lost, todo);
  else project.coverage.near(node, kubernetes, lost, todo);
}
