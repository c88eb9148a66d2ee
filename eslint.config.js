// Lint and format in one tool: neostandard, and the project's own rules that keep the structure true.

import neostandard from 'neostandard'

const noBareErrors = {
  selector: 'ThrowStatement > NewExpression[callee.name="Error"]',
  message: 'Throw a coded error from launcher/errors.ts.'
}
const noEnvironment = {
  selector: 'MemberExpression[object.name="process"][property.name=/^(env|exit|argv)$/]',
  message: 'Only launcher/main.ts touches process.env, process.exit and process.argv.'
}

export default [
  ...neostandard({ ts: true, ignores: ['dist', 'node_modules', '.tap', 'examples/**/*.py', 'test/open-api/clients'] }),
  {
    rules: {
      'max-lines': ['error', { max: 400 }],
      // A regular expression and a URL cannot be wrapped.
      '@stylistic/max-len': ['error', { code: 120, ignoreUrls: true, ignoreRegExpLiterals: true }],
      // The floor of package.json's engines, as lines that are kept up; node:sqlite is still experimental there.
      'n/no-unsupported-features/node-builtins': ['error', { version: '^22.22.0 || >=24', allowExperimental: true }],
      // A TypeBox schema and the type made from it share one name.
      '@typescript-eslint/no-redeclare': 'off',
      'no-duplicate-imports': ['error', { allowSeparateTypeImports: true }],
      'no-restricted-syntax': 'off'
    }
  },
  {
    files: ['launcher/**/*.ts', 'plugins/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', noBareErrors, noEnvironment] }
  },
  {
    files: ['launcher/main.ts'],
    rules: { 'no-restricted-syntax': ['error', noBareErrors] }
  },
  {
    files: ['launcher/**/*.ts'],
    ignores: ['launcher/main.ts'],
    rules: {
      'no-restricted-imports': ['error', {
        patterns: [{ group: ['**/plugins/**'], message: 'The core never names a plugin.' }]
      }]
    }
  },
  {
    files: ['plugins/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', {
        patterns: [{
          group: ['**/launcher/*/*', '!**/launcher/lib/*', '!**/launcher/plugin-kit/*'],
          message: 'A plugin sees launcher/plugin.ts, launcher/errors.ts and launcher/lib/ only.'
        }]
      }]
    }
  }
]
