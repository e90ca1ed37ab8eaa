import { fileURLToPath } from 'node:url';

/** What a workflow bundle carries besides the workflows. Each kind is a file, so that none pays for what is off. */
export interface BundleKind {
  /** Messages of failures go into payloads, which are encrypted. */
  readonly encrypted: boolean;
  /** Spans are made and handed on. */
  readonly traced: boolean;
}

const BOTH = [false, true] as const;

/** All bundles that `npm run build` writes. Worker, tests and replay run these and bundle nothing themselves. */
export const BUNDLE_KINDS: readonly BundleKind[] = BOTH.flatMap((encrypted) =>
  BOTH.map((traced) => ({ encrypted, traced })),
);

/** Where the bundle of a kind is. */
export function bundlePath({ encrypted, traced }: BundleKind): string {
  const name = ['workflow-bundle', ...(encrypted ? ['encrypted'] : []), ...(traced ? ['traced'] : [])].join('-');
  return fileURLToPath(new URL(`../${name}.js`, import.meta.url));
}
