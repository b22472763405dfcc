#!/usr/bin/env node
import { main } from '../charts/commands/program.js';

await main(process.argv.slice(2));
