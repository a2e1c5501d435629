import { useEffect, useEffectEvent } from 'react'
import { useBlocker } from 'react-router'

/** Asks before the page is closed or loaded anew while something on it would be lost. */
export function useCloseWarning(isLost: () => boolean) {
  const warn = useEffectEvent((event: BeforeUnloadEvent) => {
    if (isLost()) event.preventDefault()
  })
  useEffect(() => {
    const listen = (event: BeforeUnloadEvent) => warn(event)
    addEventListener('beforeunload', listen)
    return () => removeEventListener('beforeunload', listen)
  }, [])
}

/** Asks, also before one goes to another page of the application. */
export function useLeaveWarning(isLost: boolean, question: string) {
  const blocker = useBlocker(isLost)
  useEffect(() => {
    if (blocker.state !== 'blocked') return
    if (confirm(question)) blocker.proceed()
    else blocker.reset()
  }, [blocker, question])
  useCloseWarning(() => isLost)
}
