import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { useState } from 'react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { I18nProvider } from '@/i18n'

import { tilesOf } from './pages'
import { Thumbnails } from './thumbnails'

// Nothing is drawn here: only a browser can.
vi.mock('./pdf-pictures', () => ({ pictureOf: () => Promise.reject(new Error('not in this test')) }))

function Script() {
  const [tiles, setTiles] = useState(() => tilesOf(['a', 'b', 'c'].map((name) => new File([name], `${name}.txt`))))
  return <Thumbnails tiles={tiles} onChange={setTiles} onCount={() => undefined} />
}

const order = () => screen.getAllByRole('img').map((it) => it.getAttribute('aria-label'))
const press = (name: string) => {
  const button = screen.getByRole('button', { name })
  button.focus()
  fireEvent.click(button)
}
const focused = () => document.activeElement?.getAttribute('aria-label')

beforeEach(async () => {
  render(
    <I18nProvider>
      <Script />
    </I18nProvider>,
  )
  // The texts arrive a moment later.
  await act(async () => undefined)
})
afterEach(cleanup)

it('moves a page with the arrows, which keep the focus, and says where it is', () => {
  press('Move page 1 back')
  expect(order()).toEqual(['Page 1: b.txt', 'Page 2: a.txt', 'Page 3: c.txt'])
  expect(focused()).toBe('Move page 2 back')
  screen.getByText('Moved to place 2 of 3.')
  press('Move page 2 back')
  // At the end the arrow has nothing to do, but is still there for the keyboard.
  expect(focused()).toBe('Move page 3 back')
  press('Move page 3 back')
  expect(order()).toEqual(['Page 1: b.txt', 'Page 2: c.txt', 'Page 3: a.txt'])
  press('Move page 3 forward')
  expect(order()).toEqual(['Page 1: b.txt', 'Page 2: a.txt', 'Page 3: c.txt'])
  expect(focused()).toBe('Move page 2 forward')
})

it('leaves pages out, and goes on with the next one', () => {
  press('Leave out page 2')
  expect(order()).toEqual(['Page 1: a.txt', 'Page 2: c.txt'])
  expect(focused()).toBe('Leave out page 2')
  screen.getByText('Left out. 2 remain.')
  press('Leave out page 2')
  expect(order()).toEqual(['Page 1: a.txt'])
  screen.getByText('Left out. One remains.')
  // The last page goes with its script.
  expect(screen.queryAllByRole('button')).toEqual([])
  expect(document.activeElement).toBe(screen.getByRole('list'))
})
