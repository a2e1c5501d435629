import { useQuery, useQueryClient } from '@tanstack/react-query'
import { ArrowLeft, ChevronLeft, ChevronRight, Eye, Keyboard, PartyPopper, Undo2 } from 'lucide-react'
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import { Link, useParams, useSearchParams } from 'react-router'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'
import { Button, ButtonLink, IconButton } from '@/components/button'
import { CheckField, SelectField } from '@/components/field'
import { Empty, Loaded, Notice, Skeleton, Wrong } from '@/components/states'
import { useSay } from '@/components/toast'
import { useAssessment } from '@/features/assessments/api/use-assessment'
import { useGuide } from '@/features/assessments/api/use-guide'
import { useCan, useOrgId } from '@/features/organization/context'
import { useI18n } from '@/i18n'
import { useKeys, WRITING } from '@/lib/use-keys'
import { cn } from '@/lib/cn'
import { usePreference } from '@/lib/use-preference'

import { scriptQuery, type Script } from './api/script-query'
import { useAlike } from './api/use-alike'
import { useCommentBank } from './api/use-comment-bank'
import type { Place, Seen } from './api/use-decide'
import { usePresence } from './api/use-presence'
import { focusCommentBank } from './comment-bank'
import { CriteriaPanel } from './criteria-panel'
import { commentsOn } from './comments'
import { decisionOf, fulfilled, marksIn, NOTHING, stepped, tidied, withMarks, type Draft } from './draft'
import { KeysDialog } from './keys-dialog'
import { keyOf, nextOpen, type Order } from './order'
import { FIT, PageView, rotated, zoomed, type Mark, type View } from './page-view'
import { useDecisions, type Decided, type State, type Wanted } from './use-decisions'
import { useDraft } from './use-draft'
import { useQueue, type Queue } from './use-queue'
import { isNameMissing, piecesOf, regionOf, withoutNames } from './words'

const AHEAD = 3
/** How often it is asked whether somebody else has decided about the answer at hand. */
const WATCH_MS = 5000

/** Grading, answer by answer: the page with its evidence beside the criteria. */
export default function GradePage() {
  const { assessment: id = '' } = useParams()
  const assessment = useAssessment(id)
  return (
    <Loaded query={assessment} lines={8}>
      {({ assessment }) => <WithGuide assessment={assessment} />}
    </Loaded>
  )
}

function WithGuide({ assessment }: { assessment: Api<'Assessment'> }) {
  const { t } = useI18n()
  const guide = useGuide(assessment.id, assessment.guides.at(-1)?.version ?? 1)
  const [query] = useSearchParams()
  const order = (query.get('order') ?? 'doubt') as Order
  const question = query.get('question') ?? undefined
  const labels = guide.data?.questions.map((it) => it.label)
  const queue = useQueue(assessment.id, { order, question, labels })
  return (
    <>
      <title>{`${t('grade.title')} · ${assessment.title} · SmartScripts`}</title>
      <h1 className="sr-only">{`${t('grade.title')}: ${assessment.title}`}</h1>
      <Loaded query={queue} lines={8}>
        {(found) => (
          <Loaded query={guide}>
            {(guide) => (
              <Desk
                key={`${order} ${question ?? ''}`}
                assessment={assessment}
                guide={guide}
                queue={found}
                order={order}
                question={question}
                onRenew={queue.renew}
              />
            )}
          </Loaded>
        )}
      </Loaded>
    </>
  )
}

type DeskProps = {
  assessment: Api<'Assessment'>
  guide: Api<'Guide'>
  queue: Queue
  order: Order
  question: string | undefined
  /** Puts the queue together anew. */
  onRenew: () => Promise<void>
}

function Desk({ assessment, guide, queue, order, question, onRenew }: DeskProps) {
  const { t, format } = useI18n()
  const org = useOrgId()
  const queries = useQueryClient()
  const [query, setQuery] = useSearchParams()
  const [blind, setBlind] = usePreference<'on' | 'off'>('grade-blind', 'off')
  const say = useSay()
  const mayRelease = useCan('release_feedback')
  const [isThrough, setIsThrough] = useState(false)
  const [isRenewing, setIsRenewing] = useState(false)
  const { places } = queue
  const at = query.get('at')
  const found = places.findIndex((place) => keyOf(place) === at || place.submission === at)
  const index = found < 0 ? 0 : found
  const place = places[index]

  // The next answers are there before they are wanted, their pictures too.
  useEffect(() => {
    for (const { submission } of [
      ...places.slice(index + 1, index + 1 + AHEAD),
      ...places.slice(Math.max(index - 1, 0), index),
    ]) {
      void queries.ensureQueryData(scriptQuery(org, assessment.id, submission)).then(showAhead, () => undefined)
    }
  }, [queries, org, assessment.id, places, index])

  const go = useCallback(
    (to: number) => {
      const target = places[Math.min(Math.max(to, 0), places.length - 1)]
      if (!target) return
      setIsThrough(false)
      setQuery(
        (before) => {
          before.set('at', keyOf(target))
          return before
        },
        { replace: true },
      )
    },
    [places, setQuery],
  )
  const change = (changes: Record<string, string | undefined>) =>
    setQuery(
      (before) => {
        for (const [name, value] of Object.entries(changes)) {
          if (value) before.set(name, value)
          else before.delete(name)
        }
        return before
      },
      { replace: true },
    )
  const goTo = (place: Place) => {
    setIsThrough(false)
    change({ at: keyOf(place) })
  }
  const isShown = useRef(true)
  useEffect(() => {
    isShown.current = true
    return () => void (isShown.current = false)
  }, [])
  const decisions = useDecisions(assessment.id, (place) => {
    // Who writes about another answer is not torn away from it.
    const isFree = isShown.current && !document.activeElement?.matches(WRITING)
    if (isFree) goTo(place)
    return isFree
  })
  const isDecided = ({ submission, question }: Place) =>
    Boolean(queue.submissions.get(submission)?.outcome?.answers[question]?.decided_by)
  /** To the next answer that is open when these are not. */
  const goOn = (decided: Place[]) => {
    const keys = new Set(decided.map(keyOf))
    const isDone = (it: Place) => keys.has(keyOf(it)) || decisions.stateOf(it) !== undefined
    const next = nextOpen(places, index, isDone, isDecided)
    if (next === undefined) setIsThrough(true)
    else go(next)
  }
  const renew = async () => {
    setIsRenewing(true)
    try {
      await decisions.arrived()
      await onRenew()
      decisions.reset()
      setIsThrough(false)
      change({ at: undefined })
    } catch (error) {
      say.failed(error)
    } finally {
      setIsRenewing(false)
    }
  }
  const submission = place && queue.submissions.get(place.submission)
  const others = usePresence(assessment.id, isThrough ? undefined : place?.submission)
  const number = place ? [...queue.submissions.keys()].indexOf(place.submission) + 1 : 0
  const isLast = index === places.length - 1
  const base = `/o/${org}/assessments/${assessment.id}`

  return (
    <div className="flex flex-col lg:h-[calc(100dvh-3.5rem)] short:h-[calc(100dvh-3.5rem)]">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line bg-surface px-3 py-2 sm:px-5">
        <Link to={`${base}/review`} className="flex items-center gap-2 text-sm text-ink-soft hover:text-ink">
          <ArrowLeft aria-hidden className="size-4" />
          <span className="max-w-52 truncate">{assessment.title}</span>
        </Link>
        <SelectField
          label={t('grade.order')}
          labelHidden
          value={order}
          onChange={(event) => change({ order: event.target.value, at: undefined })}
        >
          <option value="doubt">{t('grade.byDoubt')}</option>
          <option value="plan">{t('grade.byPlan')}</option>
          <option value="student">{t('grade.byStudent')}</option>
          <option value="question">{t('grade.byQuestion')}</option>
        </SelectField>
        {order !== 'student' && (
          <SelectField
            label={t('grade.question')}
            labelHidden
            value={question ?? ''}
            onChange={(event) => change({ question: event.target.value || undefined, at: undefined })}
          >
            <option value="">{t('grade.allQuestions')}</option>
            {guide.questions.map(({ label }) => (
              <option key={label} value={label}>
                {t('guide.question', { label })}
              </option>
            ))}
          </SelectField>
        )}
        <CheckField
          label={t('grade.blind')}
          checked={blind === 'on'}
          onChange={() => setBlind(blind === 'on' ? 'off' : 'on')}
        />
        <p role="status" className="flex flex-1 items-center gap-2 text-sm text-info">
          {others.length > 0 && (
            <>
              <Eye aria-hidden className="size-4 shrink-0" />
              {t(others.length === 1 ? 'grade.here' : 'grade.hereMany', {
                names: format.list(others.map((it) => it.name)),
              })}
            </>
          )}
        </p>
        {place && (
          <>
            <p className="text-sm font-medium" role="status">
              {blind === 'on' || !submission
                ? t('grade.script', { number })
                : submission.student_name || submission.student_number || t('grade.script', { number })}
              <span className="ml-2 font-normal text-ink-soft tabular-nums">
                {t('grade.position', { number: index + 1, all: places.length })}
              </span>
            </p>
            <div className="flex">
              <IconButton label={t('grade.previous')} disabled={index === 0} onClick={() => go(index - 1)}>
                <ChevronLeft aria-hidden className="size-5" />
              </IconButton>
              <IconButton label={t('grade.next')} disabled={isLast} onClick={() => go(index + 1)}>
                <ChevronRight aria-hidden className="size-5" />
              </IconButton>
            </div>
          </>
        )}
      </div>
      {place && !isThrough ? (
        <Answer
          key={keyOf(place)}
          assessment={assessment}
          guide={guide}
          place={place}
          stateOf={decisions.stateOf}
          blind={blind === 'on'}
          groups={order === 'question' && question !== undefined}
          onDecide={(wanted) => {
            if (decisions.make(wanted)) goOn([place, ...wanted.others.map((it) => it.place)])
          }}
          onUndo={() => void decisions.undo()}
          onTakeBack={(one) => void decisions.takeBack(one)}
          onGo={(by) => go(index + by)}
          onNextOpen={() => goOn([place])}
        />
      ) : (
        <Through isRenewing={isRenewing} onRenew={() => void renew()} onUndo={() => void decisions.undo()}>
          {mayRelease && <ButtonLink to={`${base}/release`}>{t('assessments.release')}</ButtonLink>}
        </Through>
      )}
    </div>
  )
}

type ThroughProps = { isRenewing: boolean; onRenew: () => void; onUndo: () => void; children: ReactNode }

/** There is nothing left here to look at. */
function Through({ isRenewing, onRenew, onUndo, children }: ThroughProps) {
  const { t } = useI18n()
  const [hasKeys] = usePreference<'on' | 'off'>('grade-keys', 'on')
  useKeys({ u: onUndo }, hasKeys === 'on')
  return (
    <div className="mx-auto w-full max-w-2xl p-6">
      <Empty icon={PartyPopper} title={t('grade.nothing')}>
        <p>{t('grade.nothingAbout')}</p>
        <div className="flex flex-wrap justify-center gap-2">
          <Button look="ghost" onClick={onUndo}>
            <Undo2 aria-hidden className="size-4" />
            {t('grade.undo')}
          </Button>
          <Button look="secondary" busy={isRenewing} onClick={onRenew}>
            {t('grade.renew')}
          </Button>
          {children}
        </div>
      </Empty>
    </div>
  )
}

/** Has the browser fetch the pictures of a script that will be looked at. */
function showAhead({ reading }: Script) {
  for (const { url } of reading?.pages ?? []) if (url) new Image().src = url
}

type AnswerProps = {
  assessment: Api<'Assessment'>
  guide: Api<'Guide'>
  place: Place
  stateOf: (place: Place) => State | undefined
  blind: boolean
  groups: boolean
  onDecide: (wanted: Wanted) => void
  onUndo: () => void
  onTakeBack: (one: Decided) => void
  onGo: (by: number) => void
  onNextOpen: () => void
}

function Answer(props: AnswerProps) {
  const { assessment, guide, place, stateOf, blind, groups, onDecide, onUndo, onTakeBack, onGo, onNextOpen } = props
  const { t } = useI18n()
  const org = useOrgId()
  const say = useSay()
  const script = useQuery({ ...scriptQuery(org, assessment.id, place.submission) })
  const [draft, changeDraft] = useDraft(place)
  const [active, setActive] = useState<string>()
  const [view, setView] = useState<View>(FIT)
  const [showsKeys, setShowsKeys] = useState(false)
  const [hasKeys, setHasKeys] = usePreference<'on' | 'off'>('grade-keys', 'on')
  const comment = useRef<HTMLTextAreaElement>(null)
  const queries = useQueryClient()
  const bank = useCommentBank(assessment.id)

  const answer = script.data?.feedback.questions.find((it) => it.question === place.question)
  const standing = script.data?.submission.outcome?.answers[place.question]
  const pieces = useMemo(
    () => piecesOf(answer?.answer ?? '', script.data?.reading),
    [answer?.answer, script.data?.reading],
  )
  const region = useMemo(() => regionOf(pieces), [pieces])
  const pages = useMemo(() => {
    const all = script.data?.reading?.pages ?? []
    return blind ? withoutNames(all, script.data?.feedback.tray ?? []) : all.map((page) => ({ page, covered: [] }))
  }, [script.data, blind])
  const marks = useMemo(() => marksOf(answer, draft), [answer, draft])
  const alike = useAlike(assessment.id, place, standing?.version, groups).filter((it) => stateOf(it) === undefined)
  const [withAlike, setWithAlike] = useState(true)
  // Of all scripts that were looked at lately: what was said about other answers to this question.
  const comments = useMemo(() => {
    const looked = queries.getQueriesData<Script>({ queryKey: ['org', org, 'scripts'] })
    const scripts = looked.flatMap(([, it]) => it ?? [])
    return script.data ? commentsOn(scripts, assessment.id, place.question) : []
  }, [queries, org, assessment.id, place.question, script.data])

  // Somebody else may be at the same answer: what they decide shows, before it could be overwritten.
  const theirs = useWatched(assessment.id, place, standing?.version, answer?.decided?.decisions.length ?? 0)
  const takeTheirs = (found: Script) =>
    queries.setQueryData(scriptQuery(org, assessment.id, place.submission).queryKey, found)

  /** Decides, and shows the next answer at once. */
  const finish = () => {
    if (!answer || !standing || theirs) return
    const seen: Seen = {
      decisions: answer.decided?.decisions.length ?? 0,
      marks: answer.marks,
      // The marks of every criterion, also of those that the machine has seen differently, or sees differently by now.
      criteria: answer.criteria.map((it) => ({ criterion: it.criterion, marks: marksIn(draft, it) })),
      guide: script.data?.feedback.guide_version,
      text: answer.answer,
    }
    const others = (withAlike ? alike : []).map(({ version, ...place }) => ({ place, version }))
    onDecide({ place, version: standing.version, decision: decisionOf(draft, answer), seen, draft, others })
  }
  const keepComment = () => {
    const text = draft.comment.trim()
    if (!text || bank.kept.some((it) => it.text === text)) return
    bank.keep.mutate(text, { onSuccess: () => say.done(t('grade.commentKept')), onError: say.failed })
  }
  const deleteComment = ({ id }: Api<'KeptComment'>) =>
    bank.remove.mutate(id, { onSuccess: () => say.done(t('grade.commentDeleted')), onError: say.failed })
  const setDraft = (draft: Draft) => changeDraft(() => (answer ? tidied(draft, answer) : draft))
  const set = (criterion: string, value: number) => setDraft(withMarks(draft, criterion, value))
  const criteria = answer?.criteria ?? []
  const chosen = criteria.find((it) => it.criterion === active)
  const choose = (by: 1 | -1) => {
    const next = criteria.findIndex((it) => it.criterion === active) + by
    const wrapped = criteria[(next + criteria.length) % Math.max(criteria.length, 1)]
    setActive(wrapped?.criterion)
    document.getElementById(`criterion-${wrapped?.criterion}`)?.scrollIntoView({ block: 'nearest' })
  }
  const ofChosen = (act: (it: Api<'CriterionGrade'>) => void) => () => {
    const one = chosen ?? (criteria.length === 1 ? criteria[0] : undefined)
    if (one) act(one)
    else choose(1)
  }
  const digits = Object.fromEntries(
    criteria.slice(0, 9).map((it, i) => [
      String(i + 1),
      () => {
        setActive(it.criterion)
        set(it.criterion, marksIn(draft, it) === fulfilled(it) ? 0 : fulfilled(it))
      },
    ]),
  )
  const step = (it: Api<'CriterionGrade'>, by: 1 | -1) =>
    set(it.criterion, stepped(marksIn(draft, it), it.min_marks ?? 0, it.max_marks, by))
  useKeys(
    {
      ...digits,
      Enter: finish,
      j: () => onGo(1),
      k: () => onGo(-1),
      ArrowRight: () => onGo(1),
      ArrowLeft: () => onGo(-1),
      n: onNextOpen,
      ArrowDown: () => choose(1),
      ArrowUp: () => choose(-1),
      a: ofChosen((it) => set(it.criterion, fulfilled(it))),
      r: ofChosen((it) => set(it.criterion, 0)),
      '.': ofChosen((it) => step(it, 1)),
      ',': ofChosen((it) => step(it, -1)),
      c: () => comment.current?.focus(),
      b: focusCommentBank,
      s: keepComment,
      u: onUndo,
      x: () => changeDraft(() => NOTHING),
      '+': () => setView((it) => zoomed(it, 1.25)),
      '-': () => setView((it) => zoomed(it, 1 / 1.25)),
      '0': () => setView(FIT),
      t: () => setView(rotated),
    },
    hasKeys === 'on' && !showsKeys,
  )
  useKeys({ '?': () => setShowsKeys(true) }, !showsKeys)

  if (script.error && !script.data) {
    return (
      <div className="p-6">
        <Wrong error={script.error} again={() => void script.refetch()} />
      </div>
    )
  }
  if (!script.data || !answer) return <Skeleton lines={6} className="p-6" />
  return (
    <div
      className="flex min-h-0 flex-1 flex-col lg:flex-row short:flex-row"
      data-answer={keyOf(place)}
      // A button that was pressed with the mouse does not keep the keys to itself.
      onClick={({ detail, target }) => detail > 0 && target instanceof Element && target.closest('button')?.blur()}
    >
      <div
        className={cn(
          'flex h-[46dvh] min-h-0 min-w-0 flex-col border-b border-line lg:h-auto lg:flex-1 lg:border-r lg:border-b-0',
          'short:h-auto short:flex-1 short:border-r short:border-b-0',
        )}
      >
        {blind && isNameMissing(script.data.reading?.pages ?? [], script.data.feedback.tray) && (
          <Notice tone="doubt" className="rounded-none py-2">
            {t('grade.nameMayShow')}
          </Notice>
        )}
        <div className="min-h-0 flex-1">
          <PageView
            pages={pages}
            marks={marks}
            pieces={pieces}
            region={region}
            active={active}
            onActive={setActive}
            view={view}
            onView={setView}
          />
        </div>
      </div>
      <CriteriaPanel
        answer={answer}
        question={guide.questions.find((it) => it.label === place.question)}
        pieces={pieces}
        draft={draft}
        onDraft={setDraft}
        active={active}
        onActive={setActive}
        comment={comment}
        state={stateOf(place)}
        theirs={theirs}
        onTheirs={() => theirs && (takeTheirs(theirs), changeDraft(() => NOTHING))}
        onMine={() => theirs && takeTheirs(theirs)}
        comments={comments}
        bank={{ kept: bank.kept, error: bank.error, onKeep: keepComment, onDelete: deleteComment }}
        alike={alike.length}
        withAlike={withAlike}
        onWithAlike={setWithAlike}
        onConfirm={finish}
        onUndo={onUndo}
        onTakeBack={() => standing && onTakeBack({ place, version: standing.version })}
        aside={
          <IconButton label={t('keys.show')} onClick={() => setShowsKeys(true)}>
            <Keyboard aria-hidden className="size-5" />
          </IconButton>
        }
      />
      <KeysDialog
        open={showsKeys}
        onClose={() => setShowsKeys(false)}
        enabled={hasKeys === 'on'}
        onEnabled={(on) => setHasKeys(on ? 'on' : 'off')}
      />
    </div>
  )
}

/** The script as somebody else has left it, if they have decided about the answer since it was loaded. */
function useWatched(
  assessment: string,
  { submission, question }: Place,
  version: number | undefined,
  decisions: number,
): Script | undefined {
  const org = useOrgId()
  const watched = useQuery({
    queryKey: ['org', org, 'watched', submission],
    queryFn: () =>
      call(
        api.GET('/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}', {
          params: { path: { org, assessment, submission } },
        }),
      ),
    staleTime: 0,
    refetchInterval: WATCH_MS,
    enabled: version !== undefined,
  })
  const fresh = watched.data?.outcome?.answers[question]?.version
  const isOvertaken = version !== undefined && fresh !== undefined && fresh > version
  const theirs = useQuery({
    ...scriptQuery(org, assessment, submission),
    queryKey: ['org', org, 'scripts', submission, 'theirs', String(fresh)],
    enabled: isOvertaken,
  })
  const found = theirs.data?.feedback.questions.find((it) => it.question === question)
  // What the machine has learned meanwhile is no reason to hold anybody up: the marks that were looked at are decided.
  return isOvertaken && (found?.decided?.decisions.length ?? 0) > decisions ? theirs.data : undefined
}

function marksOf(answer: Api<'AnswerGrade'> | undefined, draft: Draft): Mark[] {
  return (answer?.criteria ?? []).flatMap((it, number) => {
    const given = marksIn(draft, it)
    const tone = given > 0 && given >= it.max_marks ? 'right' : given > 0 ? 'doubt' : 'wrong'
    return (it.evidence?.boxes ?? []).map(
      ({ page, quad }) => ({ criterion: it.criterion, tone, page, quad, number }) as const,
    )
  })
}
