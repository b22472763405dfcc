import { type Arn, parseArn } from './arn.js';

/** `${…}` of Terraform, envsubst and CloudFormation, and `{{…}}` of ecspresso, Go templates and Jinja. */
const PLACEHOLDER = /\$\{[^}\n]{0,200}\}|\{\{[^\n]{0,200}?\}\}/g;

/**
 * {@link parseArn} for text in which a deployment tool has yet to fill in parts: a colon within a placeholder, as in
 * `${AWS::Region}`, separates nothing.
 *
 * @example parseTemplatedArn('arn:aws:ssm:${AWS::Region}:1:parameter/a')?.region // '${AWS::Region}'
 */
export function parseTemplatedArn(text: string): Arn | undefined {
  const masked = mask(text);
  const arn = parseArn(masked.text);
  if (arn === undefined) return undefined;
  return {
    partition: masked.restore(arn.partition),
    service: masked.restore(arn.service),
    region: masked.restore(arn.region),
    account: masked.restore(arn.account),
    resource: masked.restore(arn.resource),
  };
}

/** The parts of a text between its colons, except those within placeholders. */
export function splitAtColons(text: string): readonly string[] {
  const masked = mask(text);
  return masked.text.split(':').map((part) => masked.restore(part));
}

/** Whether the text is nothing but one placeholder, so that not even its kind is known. */
export function isPlaceholder(text: string): boolean {
  if (/^<[^<>]{1,200}>$|^\$+[A-Za-z_]\w{0,200}\$*$/.test(text)) return true;
  const [match] = text.match(PLACEHOLDER) ?? [];
  return match === text && text !== '';
}

interface Masked {
  readonly text: string;
  restore(part: string): string;
}

/** Puts a number between private-use characters in place of each placeholder; text that holds such characters already is left alone. */
function mask(text: string): Masked {
  if (text.includes('\uE000')) return { text, restore: (part) => part };
  const found: string[] = [];
  const masked = text.replace(PLACEHOLDER, (placeholder) => {
    found.push(placeholder);
    return `\uE000${found.length - 1}\uE001`;
  });
  return {
    text: masked,
    restore: (part) => part.replace(/\uE000(\d+)\uE001/g, (_, index: string) => found[Number(index)] ?? ''),
  };
}
