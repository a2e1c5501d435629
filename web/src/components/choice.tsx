import type { ReactNode } from 'react'

import { cn } from '@/lib/cn'

type Props<T extends string> = {
  label: string
  value: T
  onChange: (value: T) => void
  options: [T, ReactNode][]
  className?: string
}

/** One of a few that are all seen at once: a row of radio buttons that looks like one switch. */
export function Choice<T extends string>({ label, value, onChange, options, className }: Props<T>) {
  return (
    <fieldset className={cn('inline-flex flex-wrap gap-0.5 rounded-lg bg-sunken p-0.5', className)}>
      <legend className="sr-only">{label}</legend>
      {options.map(([option, name]) => (
        <label
          key={option}
          className={cn(
            'flex min-h-8 cursor-pointer items-center rounded-md px-3 text-sm font-medium text-ink-soft',
            'has-checked:bg-surface has-checked:text-ink has-checked:shadow-card',
            'has-focus-visible:outline-2 has-focus-visible:outline-accent',
          )}
        >
          <input
            type="radio"
            name={label}
            value={option}
            checked={value === option}
            onChange={() => onChange(option)}
            className="sr-only"
          />
          {name}
        </label>
      ))}
    </fieldset>
  )
}
