import type { Api } from '@/api/types'

export type ContentType = Api<'FileType'>
type Student = Pick<Api<'Student'>, 'name' | 'number'>
export type Named = { name: string; type: string; webkitRelativePath?: string }
/** The largest file that can be uploaded. */
export const MOST_BYTES = 20 * 1024 * 1024

export type Group<F> = { key: string; files: F[]; name: string; number: string }

const TYPES: Record<string, ContentType> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  pdf: 'application/pdf',
  txt: 'text/plain',
}

/** What a file may be uploaded as, by its ending; nothing if it is none that can be read. */
export const contentType = (file: Named): ContentType | undefined =>
  TYPES[file.name.split('.').at(-1)?.toLowerCase() ?? ''] ?? Object.values(TYPES).find((type) => type === file.type)

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

/** `amara-okafor-2.jpg` → `amara-okafor`: the number at the end counts pages, unless it is all there is. */
function stem(name: string): string {
  const bare = name.replace(/\.[^.]+$/, '')
  const page = /^(.*?[\p{L}\d])(?:[\s_.-]+(?:page|seite|p|s))?[\s_.-]*\(?\d{1,3}\)?$/iu.exec(bare)
  return page?.[1] && /\p{L}{2}/u.test(page[1]) ? page[1] : bare
}

/**
 * Puts files together into scripts. The files of a folder are one script, unless it is the folder that was dropped with
 * everything in it; loose pictures that differ only by a number at the end are one; any other file is one by itself.
 */
export function groupFiles<F extends Named>(files: F[], roster: Student[]): Group<F>[] {
  const groups = new Map<string, F[]>()
  const folders = files.map((file) => (file.webkitRelativePath ?? '').split('/').slice(0, -1).join('/'))
  for (const [i, file] of files.entries()) {
    const folder = folders[i] ?? ''
    const isDeepest = folder.includes('/') || !folders.some((other) => other.startsWith(`${folder}/`))
    const alone = folder !== '' && isDeepest && isOneScript(files.filter((_, j) => folders[j] === folder))
    const key = alone ? folder : `${folder}/${isPicture(file) ? stem(file.name) : file.name}`
    groups.set(key, [...(groups.get(key) ?? []), file])
  }
  return [...groups].map(([key, pages]) => {
    const title = (key.split('/').at(-1) ?? key).replace(/\.[^.]{2,4}$/, '')
    return { key, files: pages.toSorted((a, b) => collator.compare(a.name, b.name)), ...whose(title, roster) }
  })
}

const isPicture = (file: Named) => contentType(file)?.startsWith('image/') ?? false

/** A folder is one student's when its files are pages of one thing: `1.jpg, 2.jpg`, or all with the same beginning. */
function isOneScript(files: Named[]): boolean {
  if (!files.every(isPicture)) return files.length === 1
  const stems = new Set(files.map((file) => stem(file.name).toLowerCase()))
  return stems.size === 1 || files.every((file) => /^\D{0,6}\d+\.\w+$/.test(file.name))
}

const words = (text: string) =>
  text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .split(/[^a-z0-9]+/)
    .filter(Boolean)

/**
 * Whose script a file's or folder's name says it is: a number of the roster, or all words of a name that only one
 * has.
 */
export function whose(title: string, roster: Student[]): { name: string; number: string } {
  const said = new Set(words(title))
  const compact = words(title).join('')
  const byNumber = roster.filter(({ number }) => said.has(words(number).join('')) || compact === words(number).join(''))
  const byName = roster.filter(({ name }) => words(name).length > 1 && words(name).every((word) => said.has(word)))
  const found = byNumber.length === 1 ? byNumber[0] : byName.length === 1 ? byName[0] : undefined
  if (found) return { name: found.name, number: found.number }
  const readable = title.replace(/[_-]+/g, ' ').replace(/\s+/g, ' ').trim()
  return {
    name: /[a-z]{2}/i.test(readable) && !/^(img|dsc|scan|page|seite|image)\b/i.test(readable) ? capitals(readable) : '',
    number: '',
  }
}

const capitals = (text: string) => text.replace(/(^|\s)\p{Ll}/gu, (letter) => letter.toUpperCase())
