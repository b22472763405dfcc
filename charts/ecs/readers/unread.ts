import type { EcsInput, Reader } from '../input.js';
import { memberOf, positionOf, type SourceNode, stringOf } from '../source/source-node.js';

/**
 * What the reading of a live account could not read or left out: `{"unread": [{call, of, why, lost, todo}]}`. Each item is
 * one entry of the report and one finding, so that a missing permission is never taken for a service without scaling.
 */
export const unreadReader: Reader = {
  form: 'parts of a live account that were not read',
  recognizes: ({ path, root }) => path.startsWith('aws:') && itemsIn(root).length > 0,
  read({ root }, input) {
    for (const item of itemsIn(root)) readOne(item, input);
  },
};

function itemsIn(root: SourceNode): readonly SourceNode[] {
  const list = memberOf(root, 'unread');
  return list?.kind === 'array' ? list.items : [];
}

function readOne(item: SourceNode, input: EcsInput): void {
  const text = (key: string): string | undefined => stringOf(memberOf(item, key));
  const names = memberOf(item, 'of');
  const of = names?.kind === 'array' ? names.items.flatMap((name) => stringOf(name) ?? []).join(', ') : '';
  const todo = text('todo');
  const lost = `${of === '' ? '' : `${of}: `}${text('why') ?? 'not read'}: ${text('lost') ?? 'it is not ported'}`;
  input.diagnostics.push({
    severity: todo === undefined ? 'note' : 'warning',
    code: todo === undefined ? 'left-out' : 'not-read',
    message: lost,
    ...(todo === undefined ? {} : { fix: todo }),
    position: positionOf(item),
  });
  // What was left out on purpose is no loss; whatever a call would have answered may be one.
  input.ledger.collapse(
    item,
    todo === undefined ? { fidelity: 'same', kubernetes: [], lost } : { fidelity: 'none', kubernetes: [], lost, todo },
  );
}
