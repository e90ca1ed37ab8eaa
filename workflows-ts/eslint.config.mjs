import { builtinModules } from 'node:module';
import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

const builtins = builtinModules.filter((name) => !name.startsWith('node:'));

const SPANS_TAKE_NUMBERS =
  'Spans take their ids from the same row of numbers: a run would go another way once tracing is switched on or off.';

export default tseslint.config(
  { ignores: ['dist/', 'test/histories/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.cts'],
    extends: [tseslint.configs.recommendedTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    },
  },
  {
    // node:test collects the promises of `test`, `describe` and the hooks itself; nobody awaits them.
    files: ['test/**/*.test.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'describe', 'it', 'before', 'after'] },
          ],
        },
      ],
    },
  },
  {
    // CommonJS has no other way to import with types.
    files: ['**/*.cts'],
    rules: { '@typescript-eslint/no-require-imports': ['error', { allowAsImport: true }] },
  },
  {
    // Generated: ts-rs and the exporter decide on the style. The rules about promises and types still hold.
    files: ['src/contracts/**/*.ts'],
    rules: {
      '@typescript-eslint/array-type': 'off', // ts-rs writes Array<T>
      '@typescript-eslint/consistent-indexed-object-style': 'off', // ts-rs writes { [key in string]: T }
      '@typescript-eslint/consistent-type-definitions': 'off', // ts-rs writes type aliases
    },
  },
  {
    // Workflow code runs in a deterministic sandbox: what these modules offer is not there, or not repeatable.
    files: [
      'src/workflows/**/*.ts',
      'src/call.ts',
      'src/encoded-failures.cts',
      'src/workflow-spans.ts',
      'src/contracts/**/*.ts',
      'test/changed/**/*.ts',
      'test/impatient/**/*.ts',
    ],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [{ name: '@temporalio/workflow', importNames: ['uuid4'], message: SPANS_TAKE_NUMBERS }],
          patterns: [
            { group: ['node:*'], message: 'Workflow code may not use Node.' },
            { group: builtins.flatMap((name) => [name, `${name}/*`]), message: 'Workflow code may not use Node.' },
            {
              regex: '^@temporalio/(worker|client|activity)(/|$)',
              message: 'Workflow code may use @temporalio/workflow and @temporalio/common only.',
            },
          ],
        },
      ],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: SPANS_TAKE_NUMBERS }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ImportExpression', message: 'Workflow code is one bundle: import statically.' },
      ],
    },
  },
);
