// A TypeScript worker whose activity answers at once, to compare with: node no-op-worker.mjs HOST:PORT QUEUE
import { createRequire } from 'node:module';

const { NativeConnection, Worker } = createRequire(
  new URL('../../workflows-ts/package.json', import.meta.url),
)('@temporalio/worker');

const [address, taskQueue] = process.argv.slice(2);
const answer = (input) => ({ workspaceDir: input.path, hostQueue: '', fileCount: 0, packageRoots: [input.repoId] });
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  taskQueue,
  activities: { prepareWorkspace: async (input) => answer(input) },
});
await worker.run();
