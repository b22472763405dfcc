import type { Mark } from '../../../report/fidelity.js';
import type { Ledger } from '../../../report/ledger.js';
import { type Diagnostic, InputError } from '../../diagnostic.js';
import { positionOf, type SourceNode, type SourceScalar } from '../../source/source-node.js';

/** A value that the template does not hold. */
export interface Missing {
  /** What stands in the text as `${name}`: a parameter, an export, a resource's attribute, or an item of a missing list. */
  readonly name: string;
  /** What the user would supply: `name`, or the whole of which `name` is a part. */
  readonly supply: string;
}

/** A missing value and where it is missing. */
export interface MissingAt extends Missing {
  readonly node: SourceNode;
}

/** How to get a template whose macros and transforms were run. */
export const PROCESSED = 'port what `aws cloudformation get-template --template-stage Processed` answers';

/** Longest text that functions may compose; more than CloudFormation's limit for any property. */
const LONGEST_TEXT = 65_536;

/**
 * Bound on the work of one template, in characters and nodes derived, so that functions that multiply cannot exhaust
 * time or memory. It grows with the template, of which each character may be used this often.
 */
const SMALLEST_BUDGET = 32_000_000;
const USES = 64;

/**
 * Makes the nodes that replace intrinsic functions, and remembers what they were made from: each leaf below a function
 * is an origin of its result, unless it was set aside as having no part in it.
 */
export class Derivation {
  readonly diagnostics: Diagnostic[] = [];
  private readonly aside = new Set<SourceNode>();
  private readonly missing = new Map<SourceNode, readonly Missing[]>();
  private readonly said = new Set<string>();
  private left: number;

  /** @param length characters of the template */
  constructor(
    private readonly ledger: Ledger,
    length: number,
  ) {
    this.left = SMALLEST_BUDGET + USES * length;
  }

  /** Says in one entry what becomes of a part that is in no result, such as the branch that was not chosen. */
  setAside(node: SourceNode, mark: Mark): void {
    if (this.aside.has(node)) return;
    this.aside.add(node);
    this.ledger.collapse(node, mark);
  }

  /** The leaves below a node that were not set aside. */
  leaves(node: SourceNode): readonly SourceNode[] {
    const found: SourceNode[] = [];
    const visit = (next: SourceNode): void => {
      if (this.aside.has(next)) return;
      if (next.kind === 'array' && next.items.length > 0) next.items.forEach(visit);
      else if (next.kind === 'object' && next.members.length > 0)
        for (const member of next.members) visit(member.value);
      else found.push(next);
    };
    visit(node);
    this.spend(found.length, node);
    return found;
  }

  /** The result of the function `from`. */
  scalar(value: SourceScalar['value'], from: SourceNode, missing: readonly Missing[] = []): SourceScalar {
    const text = typeof value === 'string' ? value : '';
    this.spend(text.length, from);
    if (text.length > LONGEST_TEXT)
      throw tooLarge(from, `a function's result is longer than ${LONGEST_TEXT} characters`);
    const unique = [...new Map(missing.map((one) => [one.name, one])).values()];
    const { file, offset } = from;
    const placeholder = unique.length === 0 ? {} : { placeholder: unique.map(({ name }) => name).join(', ') };
    const node: SourceScalar = { kind: 'scalar', file, offset, value, origins: this.leaves(from), ...placeholder };
    if (unique.length > 0) this.missing.set(node, unique);
    return node;
  }

  list(items: readonly SourceNode[], from: SourceNode): SourceNode {
    const { file, offset } = from;
    return { kind: 'array', file, offset, items, origins: items.length === 0 ? this.leaves(from) : [from] };
  }

  /** A value from elsewhere in the template as the result of the function `from`. */
  copy(value: SourceNode, from: SourceNode): SourceNode {
    if (value.kind === 'scalar') return this.scalar(value.value, from, this.missingIn(value));
    const { file, offset } = from;
    if (value.kind === 'array')
      return this.list(
        value.items.map((item) => this.copy(item, from)),
        from,
      );
    const members = value.members.map(({ key, keyOffset, value: member }) => ({
      key,
      keyOffset,
      value: this.copy(member, from),
    }));
    return { kind: 'object', file, offset, members, origins: members.length === 0 ? this.leaves(from) : [from] };
  }

  /** What is missing in a scalar; an expression of another templating tool counts as missing too. */
  missingIn(node: SourceNode): readonly Missing[] {
    const known = this.missing.get(node);
    if (known !== undefined || node.kind !== 'scalar' || node.placeholder === undefined) return known ?? [];
    return [{ name: node.placeholder, supply: node.placeholder }];
  }

  /** Like {@link missingIn}, for all below a node, without what other tools left open. */
  *allMissing(node: SourceNode): Generator<MissingAt> {
    if (node.kind === 'scalar') for (const missing of this.missing.get(node) ?? []) yield { ...missing, node };
    else
      for (const child of node.kind === 'array' ? node.items : node.members.map(({ value }) => value))
        yield* this.allMissing(child);
  }

  /** Reports a finding once, however often the node is resolved. */
  say(severity: Diagnostic['severity'], code: string, message: string, node: SourceNode, fix?: string): void {
    const position = positionOf(node);
    const key = `${code} ${node.offset} ${message}`;
    if (this.said.has(key)) return;
    this.said.add(key);
    this.diagnostics.push({ severity, code, message, position, ...(fix === undefined ? {} : { fix }) });
  }

  /** Counts work against the budget. @throws InputError `too-large` when it is used up */
  spend(cost: number, node: SourceNode): void {
    this.left -= cost + 16;
    if (this.left < 0) throw tooLarge(node, 'its functions multiply to more than any real template holds');
  }
}

/** The command-line option that supplies a missing value. */
export function howToSupply(name: string): string {
  if (name === 'AWS::Region') return '--region REGION';
  if (name === 'AWS::AccountId') return '--account ACCOUNT';
  return /^[\w:./-]+$/.test(name)
    ? `--parameter ${name}=VALUE`
    : `--parameter '${name.replaceAll("'", "'\\''")}=VALUE'`;
}

function tooLarge(node: SourceNode, message: string): InputError {
  const fix = `split the template, or ${PROCESSED}`;
  return new InputError('too-large', [
    { severity: 'refused', code: 'too-large', message, fix, position: positionOf(node) },
  ]);
}
