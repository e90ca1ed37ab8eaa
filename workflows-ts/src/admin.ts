import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListenAddress } from './configuration.js';
import { ConfigurationError } from './configuration-error.js';

/** What the admin server asks the worker. */
export interface Probes {
  /** Why the worker cannot work now; undefined when it can. */
  whyNotReady(): Promise<string | undefined>;
  /** The metrics in Prometheus' text format. */
  metrics(): Promise<string>;
}

/** Serves /live, /ready and /metrics, read only. */
export async function serveAdmin(listen: ListenAddress, probes: Probes): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      sendJson(response.setHeader('allow', 'GET, HEAD'), 405, { error: 'only GET and HEAD are served here' });
      return;
    }
    answer(request.url ?? '/', response, probes).catch((error: unknown) => {
      sendJson(response, 503, { error: error instanceof Error ? error.message : String(error) });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new ConfigurationError(`GANTRY_ADMIN_LISTEN is "${shown(listen)}"; cannot listen there (${error.code})`));
    });
    server.listen(listen.port, listen.host, resolve);
  });
  return server;
}

/** The address that a server listens on. */
export function boundAddress(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return shown({ host: address, port });
}

async function answer(url: string, response: ServerResponse, probes: Probes): Promise<void> {
  const [path = '/'] = url.split('?');
  switch (path) {
    case '/live':
      sendJson(response, 200, { live: true });
      return;
    case '/ready': {
      const reason = await probes.whyNotReady();
      const ready = reason === undefined;
      sendJson(response, ready ? 200 : 503, ready ? { ready } : { ready, reason });
      return;
    }
    case '/metrics':
      response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8').end(await probes.metrics());
      return;
    default:
      sendJson(response, 404, { error: 'served here: /live, /ready, /metrics' });
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

function shown({ host, port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
