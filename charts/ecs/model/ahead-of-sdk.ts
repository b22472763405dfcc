import type * as Sdk from '@aws-sdk/client-ecs';
import type { StructureModel } from './model.js';

/**
 * Fields of the ECS API that the pinned SDK does not declare yet, or declares as a union that the generator does not
 * follow. Source: ECS service model 2014-11-13 as of botocore 1.44.5. Delete an entry once the SDK has it.
 */
export const AHEAD_OF_SDK: Readonly<Record<string, StructureModel>> = {
  'ecs.RegisterTaskDefinitionRequest': {
    trustedExecutionConfiguration: { type: { structure: 'ecs.TrustedExecutionConfiguration' } },
  },
  'ecs.TaskDefinition': {
    trustedExecutionConfiguration: { type: { structure: 'ecs.TrustedExecutionConfiguration' } },
  },
  'ecs.TrustedExecutionConfiguration': {
    isolationMode: { type: { enum: ['SHARED', 'ISOLATED_SANDBOX', 'CONFIDENTIAL_SANDBOX'] }, required: true },
    attestationPolicy: { type: 'string' },
  },
  'ecs.ResourceRequirement': { sharingStrategy: { type: { structure: 'ecs.SharingStrategy' } } },
  'ecs.SharingStrategy': { nvidiaMps: { type: { structure: 'ecs.NvidiaMps' } } },
  'ecs.NvidiaMps': { memory: { type: 'integer', required: true }, maxComputePercent: { type: 'integer' } },
  'ecs.GatewayConnector': { deregistrationDelay: { type: { structure: 'ecs.DeregistrationDelay' } } },
  'ecs.DeregistrationDelay': { timeoutSeconds: { type: 'integer' } },
  'ecs.ServiceConnectConfiguration': {
    containerConfigurations: { type: { list: { structure: 'ecs.ServiceConnectContainerConfiguration' } } },
  },
  'ecs.ServiceConnectContainerConfiguration': { logLevel: { type: { enum: ['debug', 'info'] } } },
};

/** `RegisterTaskDefinition`'s input, with the fields of {@link AHEAD_OF_SDK}. */
export interface TaskDefinition extends Omit<Sdk.RegisterTaskDefinitionCommandInput, 'containerDefinitions'> {
  containerDefinitions: ContainerDefinition[] | undefined;
  trustedExecutionConfiguration?: { isolationMode?: string; attestationPolicy?: string };
}

/** A container definition, with the fields of {@link AHEAD_OF_SDK}. */
export interface ContainerDefinition extends Omit<Sdk.ContainerDefinition, 'resourceRequirements'> {
  resourceRequirements?: ResourceRequirement[];
}

/** A GPU, Neuron or (discontinued) Elastic Inference requirement. */
export interface ResourceRequirement extends Omit<Sdk.ResourceRequirement, 'sharingStrategy'> {
  sharingStrategy?: { nvidiaMps?: { memory?: number; maxComputePercent?: number } };
}

/** `CreateService`'s input, with the fields of {@link AHEAD_OF_SDK} and CloudFormation's own. */
export interface Service extends Omit<Sdk.CreateServiceCommandInput, 'gatewayConnectors'> {
  gatewayConnectors?: GatewayConnector[];
  forceNewDeployment?: unknown;
}

/** A connection of a named port to an ECS gateway. */
export type GatewayConnector = NonNullable<Sdk.CreateServiceCommandInput['gatewayConnectors']>[number] & {
  deregistrationDelay?: { timeoutSeconds?: number };
};

/** `RunTask`'s input: a one-off task and what it overrides. */
export type RunTask = Sdk.RunTaskCommandInput;
