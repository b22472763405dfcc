/** The parts of an Amazon Resource Name. Source: AWS General Reference, "ARN format". */
export interface Arn {
  readonly partition: string;
  readonly service: string;
  /** Empty for global resources such as IAM roles. */
  readonly region: string;
  readonly account: string;
  readonly resource: string;
}

export function isArn(text: string): boolean {
  return parseArn(text) !== undefined;
}

/**
 * @returns undefined when the text is no ARN
 * @example parseArn('arn:aws:iam::123456789012:role/web')?.resource // 'role/web'
 */
export function parseArn(text: string): Arn | undefined {
  const match = /^arn:([^:]+):([^:]+):([^:]*):([^:]*):(.+)$/s.exec(text);
  const [, partition, service, region, account, resource] = match ?? [];
  if (partition === undefined || service === undefined || resource === undefined) return undefined;
  return { partition, service, region: region ?? '', account: account ?? '', resource };
}

/**
 * Family and revision of a task definition as services name it: `family`, `family:revision`, or an ARN.
 *
 * @example parseTaskDefinitionName('web:7') // { family: 'web', revision: 7 }
 */
export function parseTaskDefinitionName(text: string): { readonly family: string; readonly revision?: number } {
  const name = parseArn(text)?.resource.replace(/^task-definition\//, '') ?? text;
  const match = /^(.*?):(\d{1,9})$/.exec(name);
  if (match?.[1] === undefined) return { family: name };
  return { family: match[1], revision: Number(match[2]) };
}

/** Short name of a cluster, service or role given by name or ARN: what follows the last `/`. */
export function shortName(text: string): string {
  return (parseArn(text)?.resource ?? text).replace(/^.*\//, '');
}
