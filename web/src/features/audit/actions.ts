import { en } from '@/i18n/en'

const PREFIX = 'action.'

/** What the log of an organization may tell of: whatever has a name in the catalogue of texts. */
export const ACTIONS = Object.keys(en)
  .filter((key) => key.startsWith(PREFIX))
  .map((key) => key.slice(PREFIX.length))
