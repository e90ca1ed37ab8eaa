import { fileURLToPath } from 'node:url';

/** The one workflow bundle. `npm run build` writes it; worker, tests and replay run it. */
export const BUNDLE_PATH = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
