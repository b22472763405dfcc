import { existsSync, lstatSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Interrupted, writeFiles } from '../../../charts/commands/write-files.js';
import { writeOut } from '../../../charts/commands/write-out.js';
import { planWrite } from '../../../charts/commands/write-plan.js';
import { isWithin, LIST_NAME } from '../../../charts/commands/written-list.js';
import type { RenderedFile } from '../../../charts/render.js';
import { filesIn, folder, put } from './cli.js';

const WEB: RenderedFile = { path: 'shop/web.yaml', text: 'kind: Deployment\n' };
const JOB: RenderedFile = { path: 'shop/jobs/migrate.yaml', text: 'kind: Job\n' };

const careful = { force: false, dryRun: false };
const forced = { force: true, dryRun: false };

describe('writing to the out folder', () => {
  test('writes files and a list of them, and leaves no other trace', async () => {
    const out = join(folder(), 'dist');
    await writeOut(out, [WEB, JOB], careful);
    expect(filesIn(out)).toEqual([LIST_NAME, JOB.path, WEB.path]);
    expect(readFileSync(join(out, WEB.path), 'utf8')).toBe(WEB.text);
  });

  test('names its list so that kubectl does not take it for a manifest', () => {
    expect(LIST_NAME).not.toMatch(/\.(json|ya?ml)$/);
  });

  test('touches nothing when nothing has changed', async () => {
    const out = folder();
    await writeOut(out, [WEB], careful);
    const before = [WEB.path, LIST_NAME].map((path) => statSync(join(out, path), { bigint: true }).mtimeNs);
    const plan = await writeOut(out, [WEB], careful);
    expect(plan.write).toEqual([]);
    expect([WEB.path, LIST_NAME].map((path) => statSync(join(out, path), { bigint: true }).mtimeNs)).toEqual(before);
  });

  test('removes its own files that are no longer wanted, and folders that are empty then', async () => {
    const out = folder({ 'shop/mine.txt': 'x' });
    await writeOut(out, [WEB, JOB], careful);
    await writeOut(out, [], careful);
    expect(filesIn(out)).toEqual([LIST_NAME, 'shop/mine.txt']);
    expect(existsSync(join(out, 'shop/jobs'))).toBe(false);
  });

  test('removes nothing while not all of the input could be ported, and removes it once it can be', async () => {
    const out = folder();
    await writeOut(out, [WEB, JOB], careful);
    const plan = await writeOut(out, [WEB], { ...careful, complete: false });
    expect(plan.spare).toEqual([JOB.path]);
    expect(filesIn(out)).toEqual([LIST_NAME, JOB.path, WEB.path]);
    await writeOut(out, [WEB], careful);
    expect(filesIn(out)).toEqual([LIST_NAME, WEB.path]);
  });

  test('does not remove a file that somebody has changed since, and says so', async () => {
    const out = folder();
    await writeOut(out, [WEB, JOB], careful);
    put(out, WEB.path, 'kind: StatefulSet\n');
    const plan = await writeOut(out, [JOB], careful);
    expect(plan.keep).toEqual([WEB.path]);
    expect(readFileSync(join(out, WEB.path), 'utf8')).toBe('kind: StatefulSet\n');
  });

  test("writes nothing at all while another's file is in the way, unless it is forced", async () => {
    const out = folder({ [WEB.path]: 'precious' });
    await expect(writeOut(out, [JOB, WEB], careful)).rejects.toThrow('shop/web.yaml: tranship did not write it');
    expect(filesIn(out)).toEqual([WEB.path]);
    await writeOut(out, [JOB, WEB], forced);
    expect(readFileSync(join(out, WEB.path), 'utf8')).toBe(WEB.text);
  });

  test('does not overwrite its own file once somebody has changed it, unless it is forced', async () => {
    const out = folder();
    await writeOut(out, [WEB], careful);
    put(out, WEB.path, 'edited');
    await expect(writeOut(out, [{ ...WEB, text: 'new' }], careful)).rejects.toThrow(
      'it was changed since tranship wrote it',
    );
    expect(readFileSync(join(out, WEB.path), 'utf8')).toBe('edited');
  });

  test('takes over a file that has the very content it would write', async () => {
    const out = folder({ [WEB.path]: WEB.text });
    await writeOut(out, [WEB], careful);
    await writeOut(out, [], careful);
    expect(filesIn(out)).toEqual([LIST_NAME]);
  });

  test('never writes through a symbolic link, forced or not', async () => {
    const elsewhere = folder({ 'web.yaml': 'theirs' });
    const out = folder();
    symlinkSync(elsewhere, join(out, 'shop'));
    for (const options of [careful, forced]) {
      await expect(writeOut(out, [WEB], options)).rejects.toThrow('shop is a symbolic link');
    }
    expect(readFileSync(join(elsewhere, 'web.yaml'), 'utf8')).toBe('theirs');
  });

  test('replaces a link in the place of a file, not what it leads to, and only when it is forced', async () => {
    const elsewhere = folder({ secret: 'theirs' });
    const out = folder({ 'shop/other.yaml': 'x' });
    symlinkSync(join(elsewhere, 'secret'), join(out, WEB.path));
    await expect(writeOut(out, [WEB], careful)).rejects.toThrow('it is a symbolic link');
    await writeOut(out, [WEB], forced);
    expect(lstatSync(join(out, WEB.path)).isSymbolicLink()).toBe(false);
    expect(readFileSync(join(elsewhere, 'secret'), 'utf8')).toBe('theirs');
  });

  test('does not remove through a link that took the place of its folder', async () => {
    const elsewhere = folder({ 'web.yaml': WEB.text });
    const out = folder();
    await writeOut(out, [JOB, WEB], careful);
    await writeOut(out, [JOB], careful);
    const list = JSON.parse(readFileSync(join(out, LIST_NAME), 'utf8')) as { files: Record<string, string[]> };
    const hash = (await planWrite(out, [])).listed.get(JOB.path) ?? [];
    put(out, LIST_NAME, { files: { ...list.files, 'linked/web.yaml': hash } });
    symlinkSync(elsewhere, join(out, 'linked'));
    await writeOut(out, [], careful);
    expect(filesIn(elsewhere)).toEqual(['web.yaml']);
  });

  test.each(['../outside', '/etc/passwd', 'a/../../b', 'a//b', './a', '', 'a\\b', 'c:x', LIST_NAME, 'a\0b'])(
    'takes no path like %j from its list',
    (path) => {
      expect(isWithin(path)).toBe(false);
    },
  );

  test.each(['{"files": {"../../outside": ["x"]}}', '{"files": 3}', 'nonsense', '{"files": {"a": "x"}}'])(
    'stops at a list that is not its own: %s',
    async (text) => {
      const out = folder({ [LIST_NAME]: text });
      await expect(writeOut(out, [WEB], forced)).rejects.toThrow('is not the list that tranship writes');
      expect(filesIn(out)).toEqual([LIST_NAME]);
    },
  );

  test('takes names of prototypes for files like any other', async () => {
    const out = folder();
    const odd = ['__proto__', 'constructor', 'toString'].map((path) => ({ path, text: path }));
    await writeOut(out, odd, careful);
    await writeOut(out, [], careful);
    expect(filesIn(out)).toEqual([LIST_NAME]);
  });

  test('changes nothing in a dry run, but says what it would do', async () => {
    const out = folder();
    await writeOut(out, [WEB], careful);
    const plan = await writeOut(out, [JOB], { ...careful, dryRun: true });
    expect([plan.write, plan.remove]).toEqual([[JOB], [WEB.path]]);
    expect(filesIn(out)).toEqual([LIST_NAME, WEB.path]);
  });

  test('can be stopped after any file, leaving whole files that the next run knows as its own', async () => {
    const old = Array.from({ length: 6 }, (_, index) => ({ path: `s/${index}.yaml`, text: `old ${index}\n` }));
    const fresh = Array.from({ length: 6 }, (_, index) => ({ path: `s/${index + 3}.yaml`, text: `new ${index}\n` }));
    for (let stop = 1; stop <= 8; stop++) {
      const out = folder();
      await writeOut(out, old, careful);
      const controller = new AbortController();
      const onFile = (done: number): void => void (done === stop && controller.abort());
      await expect(writeFiles(await planWrite(out, fresh), { signal: controller.signal, onFile })).rejects.toThrow(
        Interrupted,
      );
      expect(filesIn(out).filter((path) => path.endsWith('.tmp'))).toEqual([]);
      for (const path of filesIn(join(out, 's')))
        expect(readFileSync(join(out, 's', path), 'utf8')).toMatch(/^(old|new) \d\n$/);
      await writeOut(out, fresh, careful);
      expect(filesIn(out)).toEqual([LIST_NAME, ...fresh.map(({ path }) => path)]);
    }
  });
});
