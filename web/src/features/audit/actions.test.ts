import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, it } from 'vitest'

import { ACTIONS } from './actions'

/** Things that the service does something with; accounts have logs of their own. */
const THINGS =
  'access|answer|api_key|assessment|audit|billing|class_scan|comment|erasure|export|guide|invite|member|organization|' +
  'retention|roster|student|submission|team'
const ACTION = new RegExp(`"((?:${THINGS})\\.[a-z_]+)"`, 'g')
const FILES = /\.(rs|json|pdf|txt|html|csv)$/

it('has a name for whatever the service writes into the log of an organization', () => {
  const sources = ['functions', 'shared'].flatMap((folder) => {
    const root = join('..', folder)
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.rs'))
    return files.map((file) => readFileSync(join(root, file), 'utf8'))
  })
  const written = sources.flatMap((source) => [...source.matchAll(ACTION)].map(([, action = '']) => action))
  const actions = [...new Set(written)].filter((action) => !FILES.test(action)).toSorted()
  expect(actions).toContain('answer.confirmed')
  expect(actions.filter((action) => !ACTIONS.includes(action))).toEqual([])
})
