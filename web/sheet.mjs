import { chromium } from 'playwright-core'
const [,, out, cols, ...files] = process.argv
const b = await chromium.launch({executablePath:'/usr/bin/chromium',args:['--headless','--no-sandbox','--disable-gpu','--allow-file-access-from-files']})
const p = await b.newPage({viewport:{width:1900,height:1000}})
const { writeFileSync } = await import('node:fs')
writeFileSync('/tmp/shots/sheet.html', `<style>body{margin:0;background:#888;display:grid;grid-template-columns:repeat(${cols},1fr);gap:8px;align-items:start}img{width:100%;display:block;max-height:1400px;object-fit:contain;object-position:top}</style>`+files.map(f=>`<img src="file:///tmp/shots/${f}.png">`).join(''))
await p.goto('file:///tmp/shots/sheet.html'); await p.waitForTimeout(600)
await p.screenshot({path:`/tmp/shots/${out}.png`,fullPage:true})
await b.close()
