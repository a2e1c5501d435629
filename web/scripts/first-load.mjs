// Prints how much JavaScript the first page loads before any route does, gzipped; fails above the limit.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const LIMIT_KB = 180
const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'))
const entry = Object.values(manifest).find((chunk) => chunk.isEntry)
const seen = new Set()
const collect = (chunk) => {
  if (seen.has(chunk.file)) return
  seen.add(chunk.file)
  for (const name of chunk.imports ?? []) collect(manifest[name])
}
collect(entry)
const size = (file) => gzipSync(readFileSync(`dist/${file}`), { level: 9 }).length
const kilobytes = [...seen].reduce((sum, file) => sum + size(file), 0) / 1000
const files = `${seen.size} ${seen.size === 1 ? 'file' : 'files'}`
console.log(`first load: ${kilobytes.toFixed(1)} KB of JavaScript, gzipped, in ${files} (at most ${LIMIT_KB} KB)`)
if (kilobytes > LIMIT_KB) process.exit(1)
