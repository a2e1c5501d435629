import { Eye, EyeOff } from 'lucide-react'
import { useId, useState, type ComponentProps, type ReactNode } from 'react'

import { useI18n } from '@/i18n'
import { cn } from '@/lib/cn'

const box = (className?: string) =>
  cn(
    'block w-full rounded-lg border border-line-strong/70 bg-surface px-3 py-2 text-base text-ink sm:text-sm',
    'placeholder:text-ink-soft/80 disabled:bg-sunken aria-invalid:border-wrong',
    className,
  )

type Wrap = { label: ReactNode; hint?: ReactNode; error?: ReactNode; labelHidden?: boolean; className?: string }

function Labelled({
  id,
  label,
  hint,
  error,
  labelHidden,
  className,
  children,
}: Wrap & { id: string; children: ReactNode }) {
  return (
    <div className={cn('grid content-start gap-1.5', className)}>
      <label htmlFor={id} className={labelHidden ? 'sr-only' : 'text-sm font-medium'}>
        {label}
      </label>
      {children}
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-ink-soft">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="text-sm text-wrong">
          {error}
        </p>
      )}
    </div>
  )
}

const described = (id: string, hint: ReactNode, error: ReactNode) => ({
  id,
  'aria-invalid': error ? true : undefined,
  'aria-describedby': [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined,
})

/** A line of text with its label, hint and error. */
export function TextField({ label, hint, error, labelHidden, className, ...rest }: ComponentProps<'input'> & Wrap) {
  const own = useId()
  const id = rest.id ?? own
  return (
    <Labelled {...{ id, label, hint, error, labelHidden, className }}>
      <input {...rest} {...described(id, hint, error)} className={box()} />
    </Labelled>
  )
}

/** Several lines of text. */
export function TextArea({ label, hint, error, labelHidden, className, ...rest }: ComponentProps<'textarea'> & Wrap) {
  const own = useId()
  const id = rest.id ?? own
  return (
    <Labelled {...{ id, label, hint, error, labelHidden, className }}>
      <textarea rows={3} {...rest} {...described(id, hint, error)} className={box('field-sizing-content min-h-20')} />
    </Labelled>
  )
}

/** One of a few. The browser's own list: it works with every keyboard, screen reader and phone. */
export function SelectField({ label, hint, error, labelHidden, className, ...rest }: ComponentProps<'select'> & Wrap) {
  const own = useId()
  const id = rest.id ?? own
  return (
    <Labelled {...{ id, label, hint, error, labelHidden, className }}>
      <select {...rest} {...described(id, hint, error)} className={box('min-h-[2.375rem] pr-8')} />
    </Labelled>
  )
}

/** A password that can be shown. */
export function PasswordField(props: Omit<ComponentProps<typeof TextField>, 'type'>) {
  const { t } = useI18n()
  const own = useId()
  const id = props.id ?? own
  const [shown, setShown] = useState(false)
  const { label, hint, error, className, ...rest } = props
  return (
    <Labelled {...{ id, label, hint, error, className }}>
      <div className="relative">
        <input {...rest} {...described(id, hint, error)} type={shown ? 'text' : 'password'} className={box('pr-11')} />
        <button
          type="button"
          onClick={() => setShown(!shown)}
          aria-label={t(shown ? 'common.hidePassword' : 'common.showPassword')}
          className="absolute inset-y-0 right-0 grid w-10 place-items-center rounded-lg text-ink-soft hover:text-ink"
        >
          {shown ? <EyeOff aria-hidden className="size-4" /> : <Eye aria-hidden className="size-4" />}
        </button>
      </div>
    </Labelled>
  )
}

type NumberProps = Omit<ComponentProps<'input'>, 'value' | 'onChange'> &
  Wrap & {
    value: number | undefined
    onChange: (value: number | undefined) => void
  }

/**
 * A number. It is a text field to the browser, so that neither a wheel nor an arrow key ever changes a mark; a comma
 * counts as a point.
 */
export function NumberField({ value, onChange, label, hint, error, labelHidden, className, ...rest }: NumberProps) {
  const own = useId()
  const id = rest.id ?? own
  const [typed, setTyped] = useState<string>()
  const spelt = typed !== undefined && parse(typed) === value ? typed : (value?.toString() ?? typed ?? '')
  return (
    <Labelled {...{ id, label, hint, error, labelHidden, className }}>
      <input
        {...rest}
        {...described(id, hint, error)}
        inputMode="decimal"
        autoComplete="off"
        className={box('tabular-nums')}
        value={spelt}
        onChange={(event) => {
          setTyped(event.target.value)
          onChange(parse(event.target.value))
        }}
      />
    </Labelled>
  )
}

const parse = (text: string) => {
  const number = Number(text.trim().replace(',', '.'))
  return text.trim() === '' || Number.isNaN(number) ? undefined : number
}

/** Yes or no. */
export function CheckField({
  label,
  hint,
  className,
  ...rest
}: ComponentProps<'input'> & { label: ReactNode; hint?: ReactNode }) {
  const id = useId()
  return (
    <div className={cn('flex gap-3', className)}>
      <input
        type="checkbox"
        id={id}
        aria-describedby={hint ? `${id}-hint` : undefined}
        {...rest}
        className="mt-0.5 size-5 shrink-0 accent-(--accent)"
      />
      <div className="grid gap-0.5">
        <label htmlFor={id} className="text-sm font-medium">
          {label}
        </label>
        {hint && (
          <p id={`${id}-hint`} className="text-sm text-ink-soft">
            {hint}
          </p>
        )}
      </div>
    </div>
  )
}
