import { podCases } from './rule-cases.js';
import { set } from './manifests.js';

const container = 'containers[0]';

podCases(
  'the pod',
  [
    [
      'the grace period is not negative',
      'terminationGracePeriodSeconds',
      10,
      -1,
      'terminationGracePeriodSeconds',
      'at least 0',
    ],
    [
      'host ports with hostNetwork are the container ports',
      'containers',
      [{ name: 'a', image: 'b', ports: [{ containerPort: 80, hostPort: 80 }] }],
      [{ name: 'a', image: 'b', ports: [{ containerPort: 80, hostPort: 81 }] }],
      `${container}.ports[0].hostPort`,
      'must be the containerPort (80)',
    ],
    [
      'a port of the node is taken once',
      'containers',
      [{ name: 'a', image: 'b', ports: [{ containerPort: 80, hostPort: 80 }] }],
      [
        { name: 'a', image: 'b', ports: [{ containerPort: 80, hostPort: 80 }] },
        { name: 'c', image: 'b', ports: [{ containerPort: 80, hostPort: 80 }] },
      ],
      'containers[1].ports[0].hostPort',
      'is taken by spec.template.spec.containers[0].ports[0]',
    ],
    [
      'the service account is a DNS name',
      'serviceAccountName',
      'a.b',
      'a_b',
      'serviceAccountName',
      'must be a DNS name',
    ],
    ['the host name is a DNS label', 'hostname', 'a', 'a.b', 'hostname', 'must be a DNS label'],
    [
      'host aliases are addresses',
      'hostAliases',
      [{ ip: '::1', hostnames: ['a.b'] }],
      [{ ip: 'host-gateway', hostnames: ['a.b'] }],
      'hostAliases[0].ip',
      'is no IP address',
    ],
    [
      'host aliases have DNS names',
      'hostAliases',
      [{ ip: '10.0.0.1', hostnames: ['a'] }],
      [{ ip: '10.0.0.1', hostnames: ['a_b'] }],
      'hostAliases[0].hostnames[0]',
      'must be a DNS name',
    ],
    [
      'there are at most three name servers',
      'dnsConfig',
      { nameservers: ['10.0.0.1', '10.0.0.2', '10.0.0.3'] },
      { nameservers: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'] },
      'dnsConfig.nameservers',
      'at most 3',
    ],
    [
      'name servers are addresses',
      'dnsConfig',
      { nameservers: ['10.0.0.2'], searches: ['.', '_a.b'] },
      { nameservers: ['ns.example.com'] },
      'dnsConfig.nameservers[0]',
      'is no IP address',
    ],
    [
      'search domains are DNS names',
      'dnsConfig',
      { searches: ['ec2.internal.'] },
      { searches: ['a..b'] },
      'dnsConfig.searches[0]',
      'must be a DNS name',
    ],
    ['no DNS policy needs servers', 'dnsPolicy', 'Default', 'None', 'dnsConfig.nameservers', 'at least one server'],
    [
      'operating systems are Linux and Windows',
      'os',
      { name: 'linux' },
      { name: 'darwin' },
      'os.name',
      'allowed: linux, windows',
    ],
  ],
  new Map([
    [
      'host ports with hostNetwork are the container ports',
      (manifest) => set(manifest, 'spec.template.spec.hostNetwork', true),
    ],
  ]),
);

podCases(
  'security',
  [
    [
      'users are numbers that Linux has',
      `${container}.securityContext.runAsUser`,
      2_147_483_647,
      -1,
      `${container}.securityContext.runAsUser`,
      'from 0 to 2147483647',
    ],
    [
      'privileged containers escalate',
      `${container}.securityContext`,
      { privileged: true },
      { privileged: true, allowPrivilegeEscalation: false },
      `${container}.securityContext.allowPrivilegeEscalation`,
      'must not be false',
    ],
    [
      'a local profile is named',
      `${container}.securityContext.seccompProfile`,
      { type: 'Localhost', localhostProfile: 'a.json' },
      { type: 'Localhost' },
      `${container}.securityContext.seccompProfile.localhostProfile`,
      'is required',
    ],
    [
      'a default profile has no name',
      `${container}.securityContext.seccompProfile`,
      { type: 'RuntimeDefault' },
      { type: 'RuntimeDefault', localhostProfile: 'a' },
      `${container}.securityContext.seccompProfile.localhostProfile`,
      'left out with type "RuntimeDefault"',
    ],
    [
      'sysctls have names',
      'securityContext.sysctls',
      [{ name: 'net.core.somaxconn', value: '1' }],
      [{ name: 'Net.Core', value: '1' }],
      'securityContext.sysctls[0].name',
      'is no sysctl',
    ],
    [
      'sysctls are set once',
      'securityContext.sysctls',
      [
        { name: 'net.a', value: '1' },
        { name: 'net.b', value: '1' },
      ],
      [
        { name: 'net.a', value: '1' },
        { name: 'net.a', value: '2' },
      ],
      'securityContext.sysctls[1].name',
      'is set twice',
    ],
    [
      'Linux pods have no Windows options',
      'os',
      undefined,
      { name: 'windows' },
      `${container}.securityContext.runAsUser`,
      'Windows pod',
    ],
    [
      'Windows users have names',
      `${container}.securityContext.windowsOptions`,
      { runAsUserName: 'NT AUTHORITY\\SYSTEM' },
      { runAsUserName: 'a/b' },
      `${container}.securityContext.windowsOptions.runAsUserName`,
      'must be a Windows user',
    ],
    [
      "process namespaces are shared or the node's",
      'shareProcessNamespace',
      true,
      true,
      'shareProcessNamespace',
      'beside hostPID',
    ],
  ],
  new Map([
    ["process namespaces are shared or the node's", (manifest) => set(manifest, 'spec.template.spec.hostPID', true)],
  ]),
);
