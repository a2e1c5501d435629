import { chromium } from 'playwright-core'
import { readFileSync } from 'node:fs'
const env = Object.fromEntries(readFileSync('../.local/env','utf8').trim().split('\n').map(l=>{const i=l.indexOf('=');return [l.slice(0,i),l.slice(i+1)]}))
const [,, theme='light', size='desktop', ...paths] = process.argv
const viewport = size==='phone' ? {width:390,height:844} : {width:1440,height:900}
const b = await chromium.launch({executablePath:'/usr/bin/chromium',args:['--headless','--no-sandbox','--disable-gpu','--disable-quic','--no-first-run','--disable-background-networking','--disable-component-update','--disable-sync']})
const c = await b.newContext({viewport,colorScheme:theme, isMobile:size==='phone', hasTouch:size==='phone'})
const p = await c.newPage()
p.on('console',m=>{ if(['error','warning'].includes(m.type())) console.log('CONSOLE',m.text().slice(0,300))})
p.on('pageerror',e=>console.log('PAGEERROR',e.message.slice(0,400)))
const api = async (path)=> p.evaluate(async ([path])=>0,[path])
await p.goto(env.WEB_URL+'/log-in')
await p.fill('[name=email]',env.DEMO_EMAIL); await p.fill('[name=password]',env.DEMO_PASSWORD)
await p.screenshot({path:`/tmp/shots/log-in-${theme}-${size}.png`})
await p.click('button[type=submit]')
await p.waitForURL(/\/o\//)
await p.waitForTimeout(2500)
const org = p.url().match(/\/o\/(org_\w+)/)[1]
const asm = await p.evaluate(()=>document.querySelector('a[href*="/assessments/asm_"]')?.getAttribute('href').match(/asm_\w+/)[0])
console.log(org, asm)
const all = {dashboard:'',assessments:'/assessments',scripts:`/assessments/${asm}`,guide:`/assessments/${asm}/guide`,upload:`/assessments/${asm}/upload`,review:`/assessments/${asm}/review`,statistics:`/assessments/${asm}/statistics`,release:`/assessments/${asm}/release`,grade:`/assessments/${asm}/grade?order=doubt`,students:'/students',people:'/people',teams:'/teams',keys:'/api-keys',settings:'/settings',plan:'/plan',audit:'/audit',privacy:'/privacy'}
for (const [name,path] of Object.entries(all)) {
  if (paths.length && !paths.includes(name)) continue
  await p.goto(env.WEB_URL+'/o/'+org+path); await p.waitForTimeout(name==='grade'||name==='statistics'?3500:1800)
  await p.screenshot({path:`/tmp/shots/${name}-${theme}-${size}.png`, fullPage: size==='phone'})
}
for (const [name,path] of Object.entries({account:'/account',own:'/privacy',orgs:'/organizations'})) {
  if (paths.length && !paths.includes(name)) continue
  await p.goto(env.WEB_URL+path); await p.waitForTimeout(1500)
  await p.screenshot({path:`/tmp/shots/${name}-${theme}-${size}.png`, fullPage:true})
}
await b.close()
