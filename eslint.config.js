import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const outsideTheEdge = [
  { selector: "MemberExpression[object.name='Math'][property.name='random']", message: 'Take an Rng as an argument.' },
  { selector: "MemberExpression[object.name='Date'][property.name='now']", message: 'The clock belongs to the CLI.' },
  { selector: "NewExpression[callee.name='Date']", message: 'The clock belongs to the CLI.' },
  { selector: "MemberExpression[object.name='performance']", message: 'The clock belongs to the CLI.' },
];

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      'coverage/**',
      '.nx/**',
      '**/node_modules/**',
      'runs/**',
      'docs/.vitepress/{cache,dist}/**',
      // Without the options that the generator puts before them; the generated packages are type-checked.
      'packages/cli/templates/plugin/classes/**',
      'examples/*/{vitest.config,**/*.test}.ts',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A plugin's addition to an interface of core.
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
      'max-lines': ['error', 400],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.object.name='vi'][callee.property.name='mock']",
          message: 'No mocks of our own modules.',
        },
      ],
    },
  },
  {
    files: ['packages/{core,host,extract,engine,testkit,consensus,sweep}/src/**/*.ts', 'plugins/*/src/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: { 'no-console': 'error', 'no-restricted-syntax': ['error', ...outsideTheEdge] },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: { process: 'readonly', URL: 'readonly', console: 'readonly' } },
  },
);
