import hooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

// One import direction: app → features → components → api, i18n, lib. Of the features, each may import those before it.
const FEATURES = ['auth', 'organization', 'billing', 'audit', 'privacy', 'assessments', 'grading', 'student']

const forbid = (files, folders) => ({
  files,
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          { group: ['../*'], message: 'Say where from: @/…' },
          ...(folders.length
            ? [{ group: folders.flatMap((f) => [`@/${f}`, `@/${f}/**`]), message: 'Imports point one way.' }]
            : []),
        ],
      },
    ],
  },
})

export default tseslint.config(
  { ignores: ['dist', 'src/api/schema.d.ts'] },
  ...tseslint.configs.recommended,
  hooks.configs.flat.recommended,
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'max-len': ['error', { code: 120, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreUrls: true }],
    },
  },
  forbid(['src/lib/**', 'src/api/**', 'src/i18n/**'], ['app', 'features', 'components']),
  forbid(['src/components/**'], ['app', 'features']),
  // TanStack Virtual measures while it renders: components that use it are not memoized, and need not be.
  { rules: { 'react-hooks/incompatible-library': 'off' } },
  ...FEATURES.map((name, i) =>
    forbid([`src/features/${name}/**`], ['app', ...FEATURES.slice(i + 1).map((later) => `features/${later}`)]),
  ),
)
