import type { Prerequisite, PrerequisiteId } from '../port/findings.js';

/** What a prerequisite is, for somebody who has never met it. */
export interface PrerequisiteText {
  readonly title: string;
  /** What the manifests need it for. */
  readonly purpose: string;
  /** A command, or where to read how; `CLUSTER`, `NAMESPACE` and the like are to be filled in. */
  readonly obtain: string;
  /** The oldest version that will do, where one is known to matter. */
  readonly minimum?: string;
}

/** A prerequisite with its text and every reason the port has for it. */
export interface ExplainedPrerequisite extends PrerequisiteText {
  readonly id: PrerequisiteId;
  readonly why: readonly string[];
}

const addon = (name: string): string => `aws eks create-addon --cluster-name CLUSTER --addon-name ${name}`;

/** Every prerequisite that a port may name. */
export const PREREQUISITES: Readonly<Record<PrerequisiteId, PrerequisiteText>> = {
  'kubernetes-version': {
    title: 'Kubernetes of the target version',
    purpose: 'knows the fields that came with the version in brackets; an older one drops or refuses them',
    obtain:
      'aws eks update-cluster-version --name CLUSTER --kubernetes-version VERSION; or port with --kubernetes and the version you have',
  },
  'tranship-operator': {
    title: 'the Tranship operator',
    purpose:
      "gives ECS's own behaviour where Kubernetes has no field for it; without it the manifests run, by Kubernetes' rules",
    obtain: 'nothing to do now: the annotations that it reads are in the manifests and are harmless while it is absent',
  },
  'aws-load-balancer-controller': {
    title: 'AWS Load Balancer Controller',
    purpose: 'registers pods in the target groups of the existing load balancers (TargetGroupBinding)',
    obtain:
      'helm install aws-load-balancer-controller aws-load-balancer-controller --repo https://aws.github.io/eks-charts -n kube-system --set clusterName=CLUSTER',
    minimum: '2.4',
  },
  'readiness-gate-namespace-label': {
    title: 'readiness gates of the AWS Load Balancer Controller',
    purpose: 'a rollout waits until the load balancer has found the new pods healthy; the Namespace carries the label',
    obtain:
      'kubectl label namespace NAMESPACE elbv2.k8s.aws/pod-readiness-gate-inject=enabled, where the namespace is not of this port',
  },
  'external-secrets': {
    title: 'External Secrets Operator',
    purpose: 'brings values from Secrets Manager and Parameter Store into Secrets; no value stands in a manifest',
    obtain:
      'helm install external-secrets external-secrets --repo https://charts.external-secrets.io -n external-secrets --create-namespace',
    minimum: '0.16',
  },
  'pod-identity-agent': {
    title: 'EKS Pod Identity Agent',
    purpose: 'gives pods the credentials of their task role',
    obtain: addon('eks-pod-identity-agent'),
  },
  'ack-eks-controller': {
    title: 'ACK controller for EKS',
    purpose: 'creates the PodIdentityAssociation objects that tie ServiceAccounts to IAM roles',
    obtain:
      'helm install ack-eks-controller oci://public.ecr.aws/aws-controllers-k8s/eks-chart -n ack-system --create-namespace --set aws.region=REGION; or, without it, aws eks create-pod-identity-association for each',
  },
  'oidc-provider': {
    title: 'IAM OIDC provider of the cluster',
    purpose: 'lets IAM trust the tokens of ServiceAccounts (IRSA)',
    obtain: 'eksctl utils associate-iam-oidc-provider --cluster CLUSTER --approve',
  },
  'efs-csi-driver': {
    title: 'EFS CSI driver',
    purpose: 'mounts EFS file systems and access points',
    obtain: addon('aws-efs-csi-driver'),
  },
  'ebs-csi-driver': {
    title: 'EBS CSI driver',
    purpose: 'creates and attaches EBS volumes',
    obtain: addon('aws-ebs-csi-driver'),
  },
  'smb-csi-driver': {
    title: 'SMB CSI driver',
    purpose: 'mounts FSx for Windows File Server shares',
    obtain:
      'helm install csi-driver-smb csi-driver-smb --repo https://raw.githubusercontent.com/kubernetes-csi/csi-driver-smb/master/charts -n kube-system',
  },
  'snapshot-controller': {
    title: 'volume snapshot controller',
    purpose: 'fills volumes from EBS snapshots',
    obtain: addon('snapshot-controller'),
  },
  'metrics-server': {
    title: 'metrics-server',
    purpose: 'HorizontalPodAutoscalers read CPU and memory from it',
    obtain: addon('metrics-server'),
  },
  keda: {
    title: 'KEDA',
    purpose: 'scales by CloudWatch metrics, request counts and the clock (ScaledObject)',
    obtain: 'helm install keda keda --repo https://kedacore.github.io/charts -n keda --create-namespace',
    minimum: '2.12',
  },
  'log-agent': {
    title: 'log agent on the nodes',
    purpose: "takes the containers' output where awslogs and FireLens took it",
    obtain:
      "apply what the port renders for it, and give its ServiceAccount a role that may write to the logs' destinations",
  },
  'security-groups-for-pods': {
    title: 'security groups for pods',
    purpose: 'pods get the security groups of their service (SecurityGroupPolicy)',
    obtain: 'kubectl -n kube-system set env daemonset aws-node ENABLE_POD_ENI=true, on instances of the Nitro system',
    minimum: 'VPC CNI 1.7.7',
  },
  'external-dns': {
    title: 'ExternalDNS',
    purpose: 'keeps names in Route 53 and Cloud Map for callers outside of the cluster',
    obtain: addon('external-dns'),
  },
  karpenter: {
    title: 'Karpenter',
    purpose:
      'provides nodes by what pods ask for, Spot capacity included; managed node groups with the same labels do as well',
    obtain: 'https://karpenter.sh/docs/getting-started/',
  },
  'node-labels': {
    title: 'labels on nodes',
    purpose: 'stand for the container instance attributes that placement constraints ask for',
    obtain: 'kubectl label node NODE KEY=VALUE, better in the node group or NodePool',
  },
  'nvidia-device-plugin': {
    title: 'NVIDIA device plugin',
    purpose: 'offers the nodes’ GPUs to pods',
    obtain:
      'helm install nvdp nvidia-device-plugin --repo https://nvidia.github.io/k8s-device-plugin -n nvidia-device-plugin --create-namespace',
  },
  'neuron-device-plugin': {
    title: 'Neuron device plugin',
    purpose: 'offers the nodes’ Inferentia and Trainium chips to pods',
    obtain: 'helm install neuron oci://public.ecr.aws/neuron/neuron-helm-chart -n kube-system',
  },
  'windows-nodes': {
    title: 'Windows nodes',
    purpose: 'run containers of WINDOWS task definitions',
    obtain: 'a Windows node group, and enable-windows-ipam: "true" in the ConfigMap amazon-vpc-cni of kube-system',
  },
  'gmsa-webhook': {
    title: 'gMSA admission webhook',
    purpose: 'gives pods the Active Directory account of their credential specification',
    obtain: 'https://github.com/kubernetes-sigs/windows-gmsa',
  },
  'unsafe-sysctls': {
    title: 'unsafe sysctls on the nodes',
    purpose: 'kernel parameters that the kubelet refuses unless told to allow them',
    obtain: 'allowedUnsafeSysctls in the kubelet configuration of the node group or NodePool',
  },
  'pod-security-privileged': {
    title: 'Pod Security level "privileged"',
    purpose: 'admits pods that use the host, devices or extra capabilities; the Namespace carries the label',
    obtain:
      'kubectl label namespace NAMESPACE pod-security.kubernetes.io/enforce=privileged, where the namespace is not of this port',
  },
  'fargate-profile': {
    title: 'EKS Fargate profile',
    purpose: 'runs the pods of a namespace on Fargate',
    obtain:
      'aws eks create-fargate-profile --cluster-name CLUSTER --fargate-profile-name NAMESPACE --pod-execution-role-arn ROLE --selectors namespace=NAMESPACE --subnets SUBNET…',
  },
  'hybrid-nodes': {
    title: 'EKS Hybrid Nodes',
    purpose: 'run what ran on EXTERNAL container instances',
    obtain: 'https://docs.aws.amazon.com/eks/latest/userguide/hybrid-nodes-overview.html',
  },
  descheduler: {
    title: 'descheduler',
    purpose: 'moves pods when availability zones have become unequal',
    obtain: 'helm install descheduler descheduler --repo https://kubernetes-sigs.github.io/descheduler/ -n kube-system',
  },
  'service-mesh': {
    title: 'a service mesh or a Gateway API implementation',
    purpose: 'does what Service Connect’s proxy did beyond names: timeouts, TLS, header routing, access logs',
    obtain: 'any mesh that serves the Gateway API, such as Istio or Linkerd',
  },
  'gateway-api-controller': {
    title: 'a Gateway API controller',
    purpose: 'serves the routes that ECS gateway connectors described',
    obtain: 'https://gateway-api.sigs.k8s.io/implementations/',
  },
  'lattice-controller': {
    title: 'AWS Gateway API Controller for VPC Lattice',
    purpose: 'registers pods in VPC Lattice target groups',
    obtain: 'https://www.gateway-api-controller.eks.aws.dev/latest/guides/deploy/',
  },
  'binpack-scheduler': {
    title: 'a scheduler that packs nodes',
    purpose: 'stands for the binpack placement strategy; the scheduler of EKS spreads',
    obtain: 'a second kube-scheduler with NodeResourcesFit of type MostAllocated, or Karpenter’s consolidation',
  },
  'fault-injection': {
    title: 'fault injection for pods',
    purpose: 'experiments that ran against tasks',
    obtain: 'the aws:eks:pod-* actions of AWS Fault Injection Service',
  },
  'rbac-exec': {
    title: 'the right to kubectl exec',
    purpose: 'takes the place of ECS Exec',
    obtain:
      'kubectl create role exec --verb=create --resource=pods/exec -n NAMESPACE, and a RoleBinding for whoever may',
  },
};

/** Prerequisites with their texts, one an id, in the order in which the port met them. */
export function explainPrerequisites(prerequisites: readonly Prerequisite[]): readonly ExplainedPrerequisite[] {
  const whys = new Map<PrerequisiteId, string[]>();
  for (const { id, why } of prerequisites) {
    const reasons = whys.get(id);
    if (reasons === undefined) whys.set(id, [why]);
    else reasons.push(why);
  }
  return [...whys].map(([id, why]) => ({ id, ...PREREQUISITES[id], why }));
}
