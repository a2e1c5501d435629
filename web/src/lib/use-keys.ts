import { useEffect, useEffectEvent } from 'react'

/** What keys do, by what `KeyboardEvent.key` says. Not while one types, nor in a dialog or a menu. */
export type Keys = Record<string, () => void>

/** Where one writes or chooses with the keyboard; a box that is ticked needs none of its keys. */
export const WRITING = 'input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]'

/** What goes on while a key is held: moving, and stepping. All else happens once a press. */
const HELD = /^(Arrow\w+|[jk.,+-])$/

export function useKeys(keys: Keys, enabled: boolean) {
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    const target = event.target instanceof HTMLElement ? event.target : null
    if (target?.closest(`${WRITING}, dialog, [role=menu]`)) return
    // A button that has the focus is pressed by these keys.
    if ((event.key === 'Enter' || event.key === ' ') && target?.closest('button, a')) return
    const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    if (!action) return
    event.preventDefault()
    if (event.repeat && !HELD.test(event.key)) return
    action()
  })
  useEffect(() => {
    if (!enabled) return
    const listen = (event: KeyboardEvent) => press(event)
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [enabled])
}
