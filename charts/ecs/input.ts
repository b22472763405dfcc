import type {
  PutScalingPolicyCommandInput,
  PutScheduledActionCommandInput,
  RegisterScalableTargetCommandInput,
} from '@aws-sdk/client-application-auto-scaling';
import type { CreateTargetGroupCommandInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { PutRuleCommandInput, Target } from '@aws-sdk/client-eventbridge';
import type { CreateScheduleCommandInput } from '@aws-sdk/client-scheduler';
import type { Ledger } from '../report/ledger.js';
import type { Diagnostic } from './diagnostic.js';
import type { Field } from './field.js';
import type { RunTask, Service, TaskDefinition } from './model/ahead-of-sdk.js';
import type { SourceNode } from './source/source-node.js';

/** What every item of the input carries. */
interface Item {
  /** Path of the document it stands in. */
  readonly document: string;
  /**
   * How other items of the input may refer to it: its ARN, its name, or its logical id in a template. References within
   * one document are looked up before those across documents.
   */
  readonly ids: readonly string[];
}

/** A task definition in register form. */
export interface TaskDefinitionInput extends Item {
  /** ECS family; when the input names none, what the reader took for it (file name, logical id). */
  readonly family: string;
  readonly revision?: number;
  readonly definition: Field<TaskDefinition>;
  /** Findings about this item; it is refused when one of them says so. */
  readonly diagnostics: readonly Diagnostic[];
}

/** A service in `CreateService` form, whatever form it was read from. */
export interface ServiceInput extends Item {
  readonly name: string;
  /** Short name of the ECS cluster; absent when the input does not say. */
  readonly cluster?: string;
  /** As written: `family`, `family:revision`, an ARN or a logical id; absent when only a controller knows it. */
  readonly taskDefinition?: string;
  readonly definition: Field<Service>;
  /** Image digests that the deployed revision resolved, by container name; from `describe-service-revisions`. */
  readonly imageDigests?: ReadonlyMap<string, string>;
  /** True for what `describe-service-revisions` says; it completes the service of the same ARN, or stands for it. */
  readonly revision?: true;
  readonly diagnostics: readonly Diagnostic[];
}

/** One `RunTask` call, or a bare `TaskOverride` when `definition` holds nothing but `overrides`. */
export interface RunTaskInput extends Item {
  readonly name: string;
  readonly cluster?: string;
  readonly taskDefinition?: string;
  readonly definition: Field<RunTask>;
  readonly diagnostics: readonly Diagnostic[];
}

/** A scheduled task: one ECS target of an EventBridge rule, or one EventBridge Scheduler schedule. */
export type ScheduleInput = Item & {
  readonly name: string;
  readonly cluster?: string;
  readonly taskDefinition?: string;
  readonly diagnostics: readonly Diagnostic[];
} & (
    | { readonly kind: 'rule'; readonly rule: Field<PutRuleCommandInput>; readonly target: Field<Target> }
    | { readonly kind: 'schedule'; readonly schedule: Field<CreateScheduleCommandInput> }
  );

/** One scalable target, policy or scheduled action of Application Auto Scaling. */
export type ScalingInput = Item & {
  /** The service's name, the last part of `service/CLUSTER/NAME`; a logical id where the template refers to the service. */
  readonly service: string;
  readonly cluster?: string;
  readonly diagnostics: readonly Diagnostic[];
} & (
    | { readonly kind: 'target'; readonly definition: Field<RegisterScalableTargetCommandInput> }
    | { readonly kind: 'policy'; readonly definition: Field<PutScalingPolicyCommandInput> }
    | { readonly kind: 'scheduled-action'; readonly definition: Field<PutScheduledActionCommandInput> }
  );

/** A load balancer's target group; says how long ECS drains and how the load balancer judges health. */
export interface TargetGroupInput extends Item {
  readonly definition: Field<CreateTargetGroupCommandInput>;
  /** Target group attributes by key, such as `deregistration_delay.timeout_seconds`. */
  readonly attributes: ReadonlyMap<string, Field<string>>;
  readonly diagnostics: readonly Diagnostic[];
}

/** A CodeDeploy appspec for ECS. */
export interface AppSpecInput extends Item {
  readonly containerName?: string;
  readonly containerPort?: number;
  readonly taskDefinition?: string;
  /** Lifecycle event (`BeforeInstall`, `AfterAllowTestTraffic` …) and the Lambda function it runs, in order. */
  readonly hooks: readonly { readonly event: string; readonly lambda: string }[];
  /** The document, or the part of it, for marking. */
  readonly root: Field<unknown>;
  readonly diagnostics: readonly Diagnostic[];
}

/** A value that is not known from the input alone and stays as a named placeholder. */
export interface Placeholder {
  /** Parameter, export or resource attribute that is missing, such as `ImageTag` or `Database.Endpoint.Address`. */
  readonly name: string;
  readonly document: string;
  readonly node: SourceNode;
  /** How to supply it, such as `--parameter ImageTag=VALUE`. */
  readonly fix: string;
}

/** The one result that all readers share. Readers append; nothing else changes it. */
export interface EcsInput {
  readonly ledger: Ledger;
  readonly taskDefinitions: TaskDefinitionInput[];
  readonly services: ServiceInput[];
  readonly runTasks: RunTaskInput[];
  readonly schedules: ScheduleInput[];
  readonly scaling: ScalingInput[];
  readonly targetGroups: TargetGroupInput[];
  readonly appSpecs: AppSpecInput[];
  readonly placeholders: Placeholder[];
  /** Findings that belong to a document rather than to one item. */
  readonly diagnostics: Diagnostic[];
}

/** One parsed document; a YAML file of several documents makes several of these. */
export interface InputDocument {
  /** The file's path as the user gave it, or `aws:` and what was asked for a live account. */
  readonly path: string;
  readonly root: SourceNode;
}

/** What a reader may be told beside the document. */
export interface ReadOptions {
  /** CloudFormation parameters and other named values, from `--parameter` and `--parameters FILE`. */
  readonly parameters: ReadonlyMap<string, string>;
  /** The Copilot environment whose overrides apply; also the environment name in names and paths. */
  readonly environment?: string;
  /** Region and account when the input does not say, for pseudo parameters such as `AWS::Region`. */
  readonly region?: string;
  readonly account?: string;
  /** Other documents of the same run by path, such as the compose file beside `ecs-params.yml`. */
  readonly siblings: readonly InputDocument[];
  /**
   * What a function makes of all documents of the run, made once: looking through all of them for each one would take
   * quadratic time.
   *
   * @example const byFolder = options.derived(documentsByFolder)
   */
  derived<T>(make: (siblings: readonly InputDocument[]) => T): T;
}

/** Reads one form of input. Each lives in a file of `readers/` and is listed in `readers/index.ts`. */
export interface Reader {
  /** What the form is called in messages: `CloudFormation template`. */
  readonly form: string;
  /** Whether the document has this form; readers are asked in the order of the list, the first that says yes reads. */
  recognizes(document: InputDocument): boolean;
  /**
   * Appends what the document holds. The caller has entered the document in the ledger; the reader marks what it dealt
   * with itself and derives the trees whose fields the translations mark.
   *
   * @throws InputError when the document cannot be read as this form at all
   */
  read(document: InputDocument, input: EcsInput, options: ReadOptions): void;
}
