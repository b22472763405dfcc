#!/usr/local/bin/node
// Stands in for any service: listens, and fails in the way that it is told.
//
//   STUB_PORTS         ports to listen on, by default PORT or 8080; one that is taken is left out
//   STUB_EXIT_AFTER    seconds until it exits; STUB_EXIT_CODE its code, by default 1
//   STUB_UNHEALTHY_AFTER  seconds until /healthz fails
//   STUB_FAIL_ON_NODE  the node (NODE_NAME, from the downward API) on which it exits at once
//
//   GET  /             what it is, as JSON: host, node, how many requests it has answered
//   GET  /env/NAME     a variable
//   POST /exit?code=3  ends; /kill?signal=SIGKILL ends by a signal
//   POST /unhealthy, /healthy    any other GET than those above answers 503 from then on, or 200 again
//   POST /memory?megabytes=500   takes memory and keeps it
//   POST /hang         answers nothing any more
//
// Words are ignored, so that it stands in for images with a command of their own, but for `exit CODE`.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { hostname } from 'node:os';

const env = process.env;
const kept: Buffer[] = [];
let healthy = true;
let hanging = false;
let answered = 0;

const words = process.argv.slice(2);
if (words[0] === 'exit') process.exit(Number(words[1] ?? '0'));
if (env['STUB_FAIL_ON_NODE'] !== undefined && env['STUB_FAIL_ON_NODE'] === env['NODE_NAME']) {
  console.error(`stub: fails on node ${env['NODE_NAME']}, as told`);
  process.exit(1);
}
const exitCode = Number(env['STUB_EXIT_CODE'] ?? '1');
if (env['STUB_EXIT_AFTER'] !== undefined)
  setTimeout(() => process.exit(exitCode), Number(env['STUB_EXIT_AFTER']) * 1000);
if (env['STUB_UNHEALTHY_AFTER'] !== undefined) {
  setTimeout(() => {
    healthy = false;
  }, Number(env['STUB_UNHEALTHY_AFTER']) * 1000);
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  if (hanging) return;
  const url = new URL(request.url ?? '/', 'http://stub');
  answered += 1;
  if (request.method === 'POST') {
    console.log(`stub: ${url.pathname}${url.search}`);
    act(url);
    response.end('ok\n');
  } else if (url.pathname.startsWith('/env/')) {
    response.end(`${env[url.pathname.slice(5)] ?? ''}\n`);
  } else if (url.pathname === '/') {
    response.setHeader('content-type', 'application/json');
    response.end(`${JSON.stringify({ host: hostname(), node: env['NODE_NAME'] ?? null, answered })}\n`);
  } else {
    response.statusCode = healthy ? 200 : 503;
    response.end(healthy ? 'ok\n' : 'unhealthy, as told\n');
  }
}

function act(url: URL): void {
  switch (url.pathname) {
    case '/exit':
      setImmediate(() => process.exit(Number(url.searchParams.get('code') ?? '1')));
      break;
    case '/kill':
      // The first process of a container is spared its own SIGKILL by the kernel; exiting with its code looks the same.
      setImmediate(() => process.exit(url.searchParams.get('signal') === 'SIGTERM' ? 143 : 137));
      break;
    case '/unhealthy':
      healthy = false;
      break;
    case '/healthy':
      healthy = true;
      break;
    case '/memory':
      for (let megabyte = Number(url.searchParams.get('megabytes') ?? '64'); megabyte > 0; megabyte -= 1) {
        kept.push(Buffer.alloc(1024 * 1024, 1));
      }
      break;
    case '/hang':
      hanging = true;
      break;
    default:
      console.log(`stub: nothing is known under ${url.pathname}`);
  }
}

for (const port of (env['STUB_PORTS'] ?? env['PORT'] ?? '8080').split(',')) {
  createServer(answer)
    .on('error', (error) => {
      console.error(`stub: port ${port}: ${error.message}`);
    })
    .listen(Number(port), () => {
      console.log(`stub: listens on ${port}`);
    });
}
// As the first process of a container it gets no signal that it does not ask for.
process.on('SIGTERM', () => process.exit(0));
