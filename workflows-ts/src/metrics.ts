import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/**
 * A port that is free now. The SDK's exporter does not tell which port it got when asked for port 0, and takes no
 * socket that is open already, so the port is chosen beforehand.
 */
export function freeLoopbackPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => {
        resolve(port);
      });
    });
  });
}

/** What the SDK's exporter on that port has to say, as Prometheus text. */
export async function metricsFrom(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(2000) });
  if (!response.ok) throw new Error(`the exporter answered ${response.status}`);
  return await response.text();
}
