import { below, quoted, type Report } from '../finding.js';
import { field, isObject, isTrue, listOf, textOf } from '../json.js';
import { dnsSubdomain } from '../names.js';
import { expectName, expectRange } from '../rule.js';
import { byteLength } from './metadata.js';

/** Linux user and group ids, as the kernel counts. */
const MAXIMUM_ID = 2 ** 31 - 1;

const SYSCTL_PART = /^[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/;

/** Security fields that a pod which says `os: windows` may not have, by where they stand. */
const LINUX_ONLY_POD = ['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'];
const LINUX_ONLY_POD_CONTEXT = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
];
const LINUX_ONLY_CONTEXT = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
];

/**
 * Ids, profiles and privileges of one container.
 * Source: pkg/apis/core/validation/validation.go, ValidateSecurityContext, validateWindows, validateLinux
 *
 * @param spec the pod's, which says the operating system and the user namespace
 */
export function checkContainerSecurity(report: Report, spec: unknown, container: unknown, containerPath: string): void {
  const context = field(container, 'securityContext');
  if (!isObject(context)) return;
  const path = `${containerPath}.securityContext`;
  checkIds(report, context, path);
  if (context['procMount'] === 'Unmasked' && field(spec, 'hostUsers') !== false)
    report(`${path}.procMount`, 'Unmasked needs hostUsers: false on the pod');
  if (context['allowPrivilegeEscalation'] === false) {
    if (context['privileged'] === true)
      report(`${path}.allowPrivilegeEscalation`, 'must not be false for a privileged container; leave it out');
    if (listOf(context['capabilities'], 'add').includes('CAP_SYS_ADMIN'))
      report(`${path}.allowPrivilegeEscalation`, 'must not be false with the capability CAP_SYS_ADMIN; leave it out');
  }
  checkOperatingSystem(report, spec, context, path, LINUX_ONLY_CONTEXT);
}

/**
 * What is said for all containers: ids, sysctls, host namespaces.
 * Source: validation.go, validatePodSpecSecurityContext, validateSysctls, validateHostUsers
 */
export function checkPodSecurity(report: Report, spec: unknown, specPath: string): void {
  if (textOf(field(spec, 'os'), 'name') === 'windows') {
    for (const name of LINUX_ONLY_POD)
      if (field(spec, name) !== undefined && field(spec, name) !== false)
        report(`${specPath}.${name}`, 'must not be set for a Windows pod');
  }
  if (isTrue(spec, 'hostPID') && isTrue(spec, 'shareProcessNamespace'))
    report(`${specPath}.shareProcessNamespace`, 'must not be true beside hostPID; keep one of the two');
  if (field(spec, 'hostUsers') === false) {
    for (const name of ['hostNetwork', 'hostPID', 'hostIPC'])
      if (isTrue(spec, name)) report(`${specPath}.${name}`, 'must not be true when hostUsers is false');
  }
  const context = field(spec, 'securityContext');
  if (!isObject(context)) return;
  const path = `${specPath}.securityContext`;
  checkIds(report, context, path);
  expectRange(report, `${path}.fsGroup`, context['fsGroup'], 0, MAXIMUM_ID);
  listOf(context, 'supplementalGroups').forEach((group, index) =>
    expectRange(report, below(`${path}.supplementalGroups`, index), group, 0, MAXIMUM_ID),
  );
  checkSysctls(report, spec, context, path);
  checkOperatingSystem(report, spec, context, path, LINUX_ONLY_POD_CONTEXT);
}

function checkSysctls(report: Report, spec: unknown, context: unknown, path: string): void {
  const seen = new Set<string>();
  for (const [index, sysctl] of listOf(context, 'sysctls').entries()) {
    const at = `${below(`${path}.sysctls`, index)}.name`;
    const name = textOf(sysctl, 'name');
    if (name === undefined) continue;
    if (name.length > 253 || !name.split(/[./]/).every((part) => SYSCTL_PART.test(part)))
      report(at, `${quoted(name)} is no sysctl: parts of lower-case letters, digits, "-" and "_", joined by dots`);
    if (seen.has(name)) report(at, `${quoted(name)} is set twice; keep one`);
    seen.add(name);
    const dotted = name.replaceAll('/', '.');
    if (isTrue(spec, 'hostNetwork') && dotted.startsWith('net.'))
      report(at, `${quoted(name)} must not be set with hostNetwork: it would change the node`);
    if (isTrue(spec, 'hostIPC') && /^(?:kernel\.(?:shm|msg|sem)|fs\.mqueue\.)/.test(dotted))
      report(at, `${quoted(name)} must not be set with hostIPC: it would change the node`);
  }
}

function checkIds(report: Report, context: Readonly<Record<string, unknown>>, path: string): void {
  for (const id of ['runAsUser', 'runAsGroup']) expectRange(report, `${path}.${id}`, context[id], 0, MAXIMUM_ID);
  for (const profile of ['seccompProfile', 'appArmorProfile'])
    checkProfile(report, context[profile], `${path}.${profile}`);
  const windows = context['windowsOptions'];
  if (!isObject(windows)) return;
  expectName(report, `${path}.windowsOptions.gmsaCredentialSpecName`, windows['gmsaCredentialSpecName'], dnsSubdomain);
  const credentials = textOf(windows, 'gmsaCredentialSpec');
  if (credentials !== undefined && (credentials === '' || byteLength(credentials) > 64 * 1024))
    report(`${path}.windowsOptions.gmsaCredentialSpec`, 'must hold 1 byte to 64 KiB');
  checkWindowsUser(report, textOf(windows, 'runAsUserName'), `${path}.windowsOptions.runAsUserName`);
}

/** `DOMAIN\user` or `user`. Source: validateWindowsSecurityContextOptions */
function checkWindowsUser(report: Report, name: string | undefined, path: string): void {
  if (name === undefined) return;
  const parts = name.split('\\');
  const user = parts.at(-1) ?? '';
  const isValid =
    parts.length <= 2 &&
    user !== '' &&
    user.length <= 104 &&
    !/^[. ]+$/.test(user) &&
    !/["/\\:;|=,+*?<>@[\]]/.test(user);
  if (!isValid)
    report(
      path,
      `${quoted(name)} must be a Windows user of at most 104 characters without "/\\:;|=,+*?<>@[], with an optional domain and one backslash before it`,
    );
}

function checkProfile(report: Report, profile: unknown, path: string): void {
  const type = textOf(profile, 'type');
  const local = textOf(profile, 'localhostProfile');
  if (type === 'Localhost' && (local ?? '') === '')
    report(`${path}.localhostProfile`, 'is required with type Localhost');
  if (type !== undefined && type !== 'Localhost' && local !== undefined)
    report(`${path}.localhostProfile`, `must be left out with type ${quoted(type)}`);
}

function checkOperatingSystem(
  report: Report,
  spec: unknown,
  context: Readonly<Record<string, unknown>>,
  path: string,
  linuxOnly: readonly string[],
): void {
  const system = textOf(field(spec, 'os'), 'name');
  if (system === 'linux' && context['windowsOptions'] !== undefined)
    report(`${path}.windowsOptions`, 'must not be set for a Linux pod');
  if (system !== 'windows') return;
  for (const name of linuxOnly)
    if (field(context, name) !== undefined) report(`${path}.${name}`, 'must not be set for a Windows pod');
}
