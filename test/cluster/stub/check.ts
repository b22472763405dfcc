#!/usr/local/bin/node
// Stands in for the programs that health checks of containers call: curl, wget and redis-cli. Gets the last word, or the
// stub on Redis' port, and fails with the exit code that the real one has.
import { basename } from 'node:path';

const program = basename(process.argv[1] ?? '');
const words = process.argv.slice(2);
const lastWord = words.at(-1) ?? '';
const url =
  program === 'redis-cli'
    ? 'http://127.0.0.1:6379/health'
    : /^\w+:\/\//.test(lastWord)
      ? lastWord
      : `http://${lastWord}`;
const failsOnError = program !== 'curl' || words.some((word) => word === '--fail' || /^-[a-zA-Z]*f/.test(word));
try {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  const body = await response.text();
  if (response.ok || !failsOnError) process.stdout.write(program === 'redis-cli' ? 'PONG\n' : body);
  else process.exitCode = { curl: 22, wget: 8 }[program] ?? 1;
} catch (error) {
  process.stderr.write(`${url}: ${String(error)}\n`);
  process.exitCode = { curl: 7, wget: 4 }[program] ?? 1;
}
