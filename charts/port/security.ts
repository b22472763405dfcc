import type { IContainer } from 'kubernetes-models/v1';
import type { Field } from '../ecs/field.js';
import type { ContainerDefinition } from '../ecs/model/ahead-of-sdk.js';
import { ANNOTATION } from './annotations.js';
import type { ContainerDraft, PodDraft, PortContext } from './pod-draft.js';

type SecurityContext = NonNullable<IContainer['securityContext']>;

/** User, privileges, capabilities, read-only root, Docker security options, sysctls and ulimits. */
export function applySecurity(pod: PodDraft, context: PortContext): void {
  const ulimits: Record<string, unknown> = {};
  for (const draft of pod.containers) {
    const security: SecurityContext = {};
    applyUser(draft, security, context);
    applyPrivileges(draft, security, context);
    applyOptions(draft.definition, security);
    if (Object.keys(security).length > 0) draft.spec.securityContext = { ...draft.spec.securityContext, ...security };
    applyUlimits(draft, ulimits);
  }
  if (Object.keys(ulimits).length > 0) pod.annotations.set(ANNOTATION.ulimits, JSON.stringify(ulimits));
  applySysctls(pod, context);
}

function applyUser(draft: ContainerDraft, security: SecurityContext, context: PortContext): void {
  const user = draft.definition.get('user');
  const given = user.value ?? '';
  const numeric = /^(\d{1,9})(?::(\d{1,9}))?$/.exec(given);
  if (!user.exists) return;
  if (context.windows) {
    security.windowsOptions = { ...draft.spec.securityContext?.windowsOptions, runAsUserName: given };
    user.same('Container.securityContext.windowsOptions.runAsUserName');
  } else if (numeric !== null) {
    security.runAsUser = Number(numeric[1]);
    if (numeric[2] !== undefined) security.runAsGroup = Number(numeric[2]);
    const fields = [
      'Container.securityContext.runAsUser',
      ...(numeric[2] === undefined ? [] : ['Container.securityContext.runAsGroup']),
    ];
    if (numeric[2] !== undefined) user.same(fields);
    else
      user.near(
        fields,
        'without a group, Docker takes the one of the image’s passwd file and Kubernetes falls back to 0',
      );
  } else if (/^root(:root)?$/.test(given)) {
    security.runAsUser = 0;
    security.runAsGroup = 0;
    user.same(
      ['Container.securityContext.runAsUser', 'Container.securityContext.runAsGroup'],
      'root is 0 in every image',
    );
  } else {
    user.none(
      'Kubernetes takes numbers only, and only the image knows the number of this name',
      'look it up (`docker run --rm --entrypoint id IMAGE NAME`) and set runAsUser and runAsGroup',
    );
  }
}

function applyPrivileges(draft: ContainerDraft, security: SecurityContext, context: PortContext): void {
  const { definition, spec } = draft;
  const privileged = definition.get('privileged');
  if (privileged.value === true) {
    security.privileged = true;
    context.findings.require('pod-security-privileged', `${context.title}: privileged container ${spec.name}`);
  }
  if (context.fargate && privileged.value === true)
    privileged.none('EKS Fargate runs no privileged containers', 'run it on nodes');
  else privileged.same('Container.securityContext.privileged');
  const readonly = definition.get('readonlyRootFilesystem');
  if (readonly.value !== undefined) security.readOnlyRootFilesystem = readonly.value;
  readonly.same('Container.securityContext.readOnlyRootFilesystem');
  const capabilities = definition.get('linuxParameters').get('capabilities');
  const names = (list: readonly string[] | undefined): string[] => [
    ...new Set((list ?? []).map((name) => name.toUpperCase().replace(/^CAP_/, ''))),
  ];
  const add = names(capabilities.get('add').value);
  const drop = names(capabilities.get('drop').value);
  if (add.length > 0 || drop.length > 0) {
    security.capabilities = { ...(add.length === 0 ? {} : { add }), ...(drop.length === 0 ? {} : { drop }) };
  }
  if (add.length > 0)
    context.findings.require('pod-security-privileged', `${context.title}: capabilities of container ${spec.name}`);
  capabilities.get('add').same('Container.securityContext.capabilities.add');
  capabilities.get('drop').same('Container.securityContext.capabilities.drop');
}

function applyOptions(definition: Field<ContainerDefinition>, security: SecurityContext): void {
  for (const option of definition.get('dockerSecurityOptions').items()) {
    const text = option.value ?? '';
    const label = /^label[:=](user|role|type|level)[:=](.+)$/.exec(text);
    const profile = /^apparmor[:=](.+)$/.exec(text)?.[1];
    if (/^no-new-privileges([:=]true)?$/.test(text)) {
      if (security.privileged === true) {
        option.none('Kubernetes refuses it for a privileged container');
        continue;
      }
      security.allowPrivilegeEscalation = false;
      option.same('Container.securityContext.allowPrivilegeEscalation');
    } else if (profile !== undefined) {
      security.appArmorProfile =
        profile === 'unconfined' ? { type: 'Unconfined' } : { type: 'Localhost', localhostProfile: profile };
      option.same('Container.securityContext.appArmorProfile', 'the profile must be loaded on the nodes');
    } else if (label?.[1] !== undefined && label[2] !== undefined) {
      security.seLinuxOptions = { ...security.seLinuxOptions, [label[1]]: label[2] };
      option.same(`Container.securityContext.seLinuxOptions.${label[1]}`);
    } else if (/^credentialspec/.test(text)) {
      option.needsAddon(
        'Container.securityContext.windowsOptions.gmsaCredentialSpecName',
        'a gMSA credential spec is an object of its own',
        'install the gMSA webhook and create a GMSACredentialSpec',
      );
    } else option.none('no Kubernetes field takes this Docker security option');
  }
}

function applyUlimits(draft: ContainerDraft, all: Record<string, unknown>): void {
  const own: Record<string, { soft: number | undefined; hard: number | undefined }> = {};
  for (const ulimit of draft.definition.get('ulimits').items()) {
    const name = ulimit.get('name').value;
    if (name !== undefined) own[name] = { soft: ulimit.get('softLimit').value, hard: ulimit.get('hardLimit').value };
    ulimit.none(
      `no released Kubernetes version sets ulimits (KEP-5758); recorded in the annotation ${ANNOTATION.ulimits}`,
      'set it in the image’s entry point (`ulimit -n`), or in the node’s containerd configuration',
    );
  }
  if (Object.keys(own).length > 0) all[draft.spec.name] = own;
}

/** Sysctls that pods may set without asking. Source: Kubernetes documentation, "Safe and Unsafe Sysctls", 1.33. */
const SAFE_SYSCTLS: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
]);

function applySysctls(pod: PodDraft, context: PortContext): void {
  const chosen = new Map<string, { value: string; container: string }>();
  for (const draft of pod.containers) {
    for (const control of draft.definition.get('systemControls').items()) {
      const name = control.get('namespace').value?.replaceAll('/', '.');
      const value = control.get('value').value;
      if (
        name === undefined ||
        value === undefined ||
        !/^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/.test(name)
      ) {
        control.none('not a name and a value that a pod can set');
        continue;
      }
      if (pod.spec.hostNetwork === true && name.startsWith('net.')) {
        control.none('a pod on the host’s network cannot set network sysctls', 'set it on the nodes');
        continue;
      }
      const earlier = chosen.get(name);
      chosen.set(name, { value, container: draft.ecsName });
      const conflict =
        earlier !== undefined && earlier.value !== value
          ? `, and it replaces the ${earlier.value} of container ${earlier.container}`
          : '';
      control.get('value').same('PodSpec.securityContext.sysctls');
      if (SAFE_SYSCTLS.has(name))
        control
          .get('namespace')
          .near('PodSpec.securityContext.sysctls', `holds for all containers of the pod${conflict}`);
      else {
        control
          .get('namespace')
          .needsAddon(
            'PodSpec.securityContext.sysctls',
            `the kubelet refuses this sysctl unless it is allowed${conflict}`,
            'add it to allowedUnsafeSysctls of the kubelet configuration of the nodes',
          );
        context.findings.require('unsafe-sysctls', `${context.title}: ${name}`);
      }
    }
  }
  if (chosen.size > 0) {
    const sysctls = [...chosen].map(([name, { value }]) => ({ name, value }));
    pod.spec.securityContext = { ...pod.spec.securityContext, sysctls };
  }
}
