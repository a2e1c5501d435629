import { Check, Copy } from 'lucide-react'
import { useState } from 'react'

import { useI18n } from '@/i18n'

import { Button } from './button'

/** A text to take along, and a button that copies it. */
export function CopyText({ text, label }: { text: string; label: string }) {
  const { t } = useI18n()
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), 2000)
  }
  return (
    <div className="grid gap-1.5">
      <p className="text-sm font-medium">{label}</p>
      <div className="flex flex-wrap items-center gap-2">
        <code className="min-w-0 flex-1 rounded-lg bg-sunken px-3 py-2 font-mono text-sm break-all select-all">
          {text}
        </code>
        <Button look="secondary" onClick={copy}>
          {copied ? <Check aria-hidden className="size-4" /> : <Copy aria-hidden className="size-4" />}
          {t(copied ? 'common.copied' : 'common.copy')}
        </Button>
      </div>
    </div>
  )
}
