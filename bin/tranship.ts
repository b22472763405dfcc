#!/usr/bin/env node
import { main } from '../charts/commands/program.js';
import { addExplainCommand } from '../operators/explain/command.js';

await main(process.argv.slice(2), [addExplainCommand]);
