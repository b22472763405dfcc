import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { EXIT_MEANINGS } from '../../../charts/commands/exit-codes.js';
import { createProgram } from '../../../charts/commands/program.js';
import { PREREQUISITES, explainPrerequisites } from '../../../charts/report/prerequisites.js';

const page = readFileSync('docs/command-line.md', 'utf8');

describe('docs/command-line.md', () => {
  const options = createProgram().commands.flatMap((command) => command.options.map((option) => option.long ?? ''));

  test.each([...new Set(options)])('has the option %s', (option) => {
    expect(page).toContain(`\`${option}`);
  });

  test.each(EXIT_MEANINGS)('has the exit code %i with its meaning', (code, meaning) => {
    const row = page.split('\n').find((line) => line.startsWith(`| ${code} |`));
    expect(row?.replaceAll('`', '')).toContain(meaning.split(':')[0]);
  });

  test('names no option that does not exist', () => {
    const known = new Set([...options, '--no-color', '--server-side', '--dry-run']);
    const named = [...page.matchAll(/`(--[a-z-]+)/g)].map(([, option]) => option ?? '');
    expect(named.filter((option) => !known.has(option))).toEqual([]);
  });
});

describe('prerequisites', () => {
  test('are explained once with all their reasons, in the order in which they were met', () => {
    const explained = explainPrerequisites([
      { id: 'keda', why: 'a' },
      { id: 'external-secrets', why: 'b' },
      { id: 'keda', why: 'c' },
    ]);
    expect(explained.map(({ id, why }) => [id, why])).toEqual([
      ['keda', ['a', 'c']],
      ['external-secrets', ['b']],
    ]);
  });

  test.each(Object.entries(PREREQUISITES))('%s says what it is, what for and how to get it', (_id, text) => {
    for (const part of [text.title, text.purpose, text.obtain]) expect(part).toMatch(/^\S.{2,}[^.\s]$/s);
  });
});
