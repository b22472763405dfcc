import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { readFileSync } from 'node:fs';

/**
 * Whether an address answers 200 within two seconds.
 *
 * @param authority certificate file of who signs the server's, for https
 */
export function answersOk(url: string, authority: string): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (status: number | undefined) => resolve(status === 200);
    const options = { timeout: 2000, agent: false as const };
    const sent = url.startsWith('https:')
      ? requestHttps(url, { ...options, ca: readFileSync(authority) }, (response) => {
          response.resume();
          done(response.statusCode);
        })
      : requestHttp(url, options, (response) => {
          response.resume();
          done(response.statusCode);
        });
    sent.on('error', () => done(undefined));
    sent.on('timeout', () => sent.destroy());
    sent.end();
  });
}
