import { useCallback, useState } from 'react'

/** A choice of how things look, kept in this browser. Never for anything that is secret or about a person. */
export function usePreference<T extends string>(name: string, otherwise: T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => (localStorage.getItem(name) as T | null) ?? otherwise)
  const set = useCallback(
    (next: T) => {
      localStorage.setItem(name, next)
      setValue(next)
    },
    [name],
  )
  return [value, set]
}
