import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { BUNDLE_KINDS, bundlePath } from './bundle-path.js';
import { ENCODED_FAILURES } from './encryption.js';

for (const kind of BUNDLE_KINDS) {
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('./workflows/index.js', import.meta.url)),
    ...(kind.encrypted && { failureConverterPath: ENCODED_FAILURES }),
    ...(kind.traced && {
      workflowInterceptorModules: [fileURLToPath(new URL('./workflow-spans.js', import.meta.url))],
    }),
    logger: new DefaultLogger('WARN'),
  });
  await writeFile(bundlePath(kind), code);
}
