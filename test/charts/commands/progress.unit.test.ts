import { describe, expect, test } from '@jest/globals';
import { applyCommand } from '../../../charts/commands/next-step.js';
import { Progress } from '../../../charts/commands/progress.js';
import { type Output, wantsColor } from '../../../charts/commands/terminal.js';
import { widthOf } from '../../../charts/report/terminal-text.js';

/** An output that keeps what is written, and a clock that a test moves. */
function watch(interactive: boolean, width = 60) {
  const written: string[] = [];
  const clock = { now: 0 };
  const output: Output = {
    interactive,
    color: false,
    width,
    write: (text) => {
      written.push(text);
      return Promise.resolve();
    },
  };
  return { written, clock, progress: new Progress(output, () => clock.now) };
}

describe('progress', () => {
  test('shows nothing of a short run', () => {
    const { written, clock, progress } = watch(true);
    for (clock.now = 0; clock.now < 500; clock.now += 10) progress.step('porting', clock.now, 500);
    progress.clear();
    expect(written).toEqual([]);
  });

  test('shows nothing where nobody watches', () => {
    const { written, clock, progress } = watch(false);
    clock.now = 10_000;
    progress.step('porting', 1, 2);
    progress.clear();
    expect(written).toEqual([]);
  });

  test('redraws a long run ten times a second, and takes the line away at the end', () => {
    const { written, clock, progress } = watch(true);
    for (clock.now = 0; clock.now < 1000; clock.now += 1) progress.step('porting', clock.now, 1000);
    expect(written).toHaveLength(5);
    expect(written[0]).toContain('500/1000');
    progress.clear();
    expect(written.at(-1)).toBe('\r\u001b[K');
  });

  test('never wraps, and prints no control characters of a name', () => {
    const { written, clock, progress } = watch(true, 30);
    clock.now = 1000;
    progress.say(`reading ${'x'.repeat(100)}\u001b[2J`);
    const line = (written[0] ?? '').replace('\r\u001b[K', '');
    expect(widthOf(line)).toBeLessThan(30);
    expect(line).not.toContain('\u001b');
  });
});

describe('colours', () => {
  test.each([
    [{ isTTY: true }, {}, true, true],
    [{ isTTY: false }, {}, true, false],
    [{ isTTY: true }, { TERM: 'dumb' }, true, false],
    [{ isTTY: true }, { NO_COLOR: '1' }, true, false],
    [{ isTTY: true }, { NO_COLOR: '' }, true, true],
    [{ isTTY: true }, {}, false, false],
    [{ isTTY: false }, { FORCE_COLOR: '1' }, true, true],
    [{ isTTY: true }, { FORCE_COLOR: '0' }, true, false],
    [{ isTTY: false }, { FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
  ])('of %j with %j and the flag %j: %j', (stream, environment, flag, expected) => {
    expect(wantsColor(stream, environment, flag)).toBe(expected);
  });
});

describe('the command to apply what was written', () => {
  test('names the folders with the shared one first, and leaves out one-off Jobs', () => {
    const files = ['0-shared.yaml', 'shop/a.yaml', 'shop/b.yaml', 'shop/jobs/c.yaml'].map((path) => ({
      path,
      text: '',
    }));
    expect(applyCommand('dist', files)).toBe('kubectl apply --server-side -f dist -f dist/shop');
  });

  test('quotes a folder that a shell would take apart', () => {
    expect(applyCommand("my 'out'", [{ path: 'a.yaml', text: '' }])).toBe(
      `kubectl apply --server-side -f 'my '"'"'out'"'"''`,
    );
  });

  test('says nothing when there is nothing to apply', () => {
    expect(applyCommand('dist', [{ path: 'shop/jobs/c.yaml', text: '' }])).toBeUndefined();
  });
});
