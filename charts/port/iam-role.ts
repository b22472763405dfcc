import { parseTemplatedArn } from '../ecs/templated-arn.js';
import { dnsLabel, withHash } from './names.js';
import type { PortContext } from './pod-draft.js';

/** What stands in an ARN for an account that neither the input nor the options tell. */
export const UNKNOWN_ACCOUNT = 'ACCOUNT_ID';

/** An IAM role as the input names it. */
export interface IamRole {
  /** As written: an ARN, a name, or a placeholder. */
  readonly text: string;
  /** The ARN; the text itself when it is a placeholder of which nothing more is known. */
  readonly arn: string;
  /** Whether the ARN is complete, without placeholders of any kind. */
  readonly known: boolean;
  /** DNS label for objects that belong to the role: its name, and a hash of the ARN since paths and accounts share names. */
  readonly label: string;
}

/**
 * Reads a role as ECS takes it: a full ARN, or the name of a role in the same account, with its path or not.
 *
 * @returns undefined for an empty text, which templates leave where there is no role
 * @example iamRole('web-task', context)?.arn // 'arn:aws:iam::123456789012:role/web-task'
 */
export function iamRole(
  text: string | undefined,
  context: Pick<PortContext, 'account' | 'region'>,
): IamRole | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const arn = arnOf(text.trim(), context);
  const name = parseTemplatedArn(arn)?.resource.replace(/^.*\//s, '') ?? arn;
  const known = /^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(arn);
  return { text, arn, known, label: withHash(dnsLabel(name, 56), arn) };
}

/** `aws`, or the partition that the region belongs to. */
export function partitionOf(region: string | undefined): string {
  if (region?.startsWith('cn-') === true) return 'aws-cn';
  return region?.startsWith('us-gov-') === true ? 'aws-us-gov' : 'aws';
}

function arnOf(text: string, context: Pick<PortContext, 'account' | 'region'>): string {
  if (parseTemplatedArn(text) !== undefined || !/^[\w+=,.@/-]{1,500}$/.test(text)) return text;
  return `arn:${partitionOf(context.region)}:iam::${context.account ?? UNKNOWN_ACCOUNT}:role/${text.replace(/^\/+/, '')}`;
}
