import { useSyncExternalStore } from 'react'

export type Theme = 'system' | 'light' | 'dark'

const system = () => matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()

const said = (): Theme => {
  const theme = localStorage.getItem('theme')
  return theme === 'light' || theme === 'dark' ? theme : 'system'
}

function apply() {
  const theme = said()
  const dark = theme === 'dark' || (theme === 'system' && system().matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
  listeners.forEach((listener) => listener())
}

/** Follows the system's theme for as long as the page lives. */
export function followTheme() {
  system().addEventListener('change', apply)
  apply()
}

export function setTheme(theme: Theme) {
  if (theme === 'system') localStorage.removeItem('theme')
  else localStorage.setItem('theme', theme)
  apply()
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** What the viewer has said: light, dark, or as the system. */
export const useTheme = () => useSyncExternalStore(subscribe, said)
