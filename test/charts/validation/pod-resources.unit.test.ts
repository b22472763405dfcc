import { podCases } from './rule-cases.js';

const container = 'containers[0]';

podCases('resources', [
  [
    'quantities follow their grammar',
    `${container}.resources.requests.memory`,
    '0.5Gi',
    '512 MB',
    `${container}.resources.requests.memory`,
    'is no quantity',
  ],
  [
    'quantities are not negative',
    `${container}.resources.requests.cpu`,
    '0',
    '-1',
    `${container}.resources.requests.cpu`,
    'is negative',
  ],
  [
    'requests are at most limits',
    `${container}.resources.requests.memory`,
    '1024Mi',
    '1025Mi',
    `${container}.resources.requests.memory`,
    'is above the limit "1Gi"',
  ],
  [
    'resources are known or have a domain',
    `${container}.resources.limits`,
    { memory: '1Gi', 'nvidia.com/gpu': 1 },
    { memory: '1Gi', gpu: 1 },
    `${container}.resources.limits.gpu`,
    'is no resource of a container',
  ],
  [
    'extended resources are whole',
    `${container}.resources.limits`,
    { memory: '1Gi', 'nvidia.com/gpu': 2 },
    { memory: '1Gi', 'nvidia.com/gpu': '500m' },
    `${container}.resources.limits["nvidia.com/gpu"]`,
    'no whole number',
  ],
  [
    'extended resources have a limit',
    `${container}.resources.requests`,
    { cpu: 1 },
    { 'nvidia.com/gpu': 1 },
    `${container}.resources.requests["nvidia.com/gpu"]`,
    'needs a limit of the same amount',
  ],
  [
    'a pod requests what its containers request',
    'resources',
    { requests: { cpu: '250m' } },
    { requests: { cpu: '249m' } },
    'resources.requests.cpu',
    'less than the containers request together',
  ],
  [
    'no container may use more than its pod',
    'resources',
    { limits: { memory: '1Gi' } },
    { limits: { memory: '1023Mi' } },
    `${container}.resources.limits.memory`,
    "above the pod's limit",
  ],
  [
    'a pod has cpu and memory',
    'resources',
    { limits: { cpu: 2 } },
    { limits: { 'ephemeral-storage': '1Gi' } },
    'resources.limits["ephemeral-storage"]',
    'allowed: cpu, memory',
  ],
]);
