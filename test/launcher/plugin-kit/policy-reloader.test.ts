import { once, EventEmitter } from 'node:events'
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  openPolicyReloader,
  reportingLoads,
  type PolicyReloader,
  type PolicyReloaderOptions
} from '../../../launcher/plugin-kit/policy-reloader.ts'
import { policyText, type ReadFile } from '../../../launcher/lib/policy-file.ts'
import { problemsError, type Problem } from '../../../launcher/lib/problem.ts'
import type { PluginContext } from '../../../launcher/plugin.ts'

/** Emits each log line as an event named by its level. */
function logOf () {
  const logged = new EventEmitter()
  const lines: string[] = []
  const level = (name: string) => (facts: object, message: string): void => {
    lines.push(`${name} ${message}`)
    logged.emit(name, facts)
  }
  return { logged, lines, log: { info: level('info'), warn: level('warn') } as unknown as PolicyReloaderOptions['log'] }
}

type Names = readonly string[]

/** A policy of one word a line. A line `more FILE` names another file. */
function load (...named: string[]) {
  return async (read: ReadFile): Promise<Names> => {
    const problems: Problem[] = []
    const words: string[] = []
    for (const files = [...named]; files.length > 0;) {
      const file = files.shift()!
      const lines = (await policyText(read, file, problems) ?? '').split('\n').slice(0, -1)
      lines.forEach((text, index) => {
        const included = /^more (.*)$/.exec(text)?.[1]
        if (included !== undefined) files.push(join(file, '..', included))
        else if (/^\w+$/.test(text)) words.push(text)
        else problems.push({ file, line: index + 1, problem: `is not a word: ${text}` })
      })
    }
    if (problems.length > 0) throw problemsError('ConfInvalid', problems)
    return words
  }
}

const names = (reloader: PolicyReloader<Names>): Names => reloader.current().policy
const NEVER = 2 ** 31 - 1

// The watchers do not keep the process alive, so this timer does.
const alive = setInterval(() => {}, 1000)
t.teardown(() => clearInterval(alive))

t.test('the files are read in order, and again when one changes', async t => {
  const folder = t.testdir({ 'a.conf': 'a\n', 'b.conf': 'b\n' })
  const { logged, log, lines } = logOf()
  const reloader = await openPolicyReloader(load(join(folder, 'a.conf'), join(folder, 'b.conf')), {
    log,
    pollIntervalMs: NEVER
  })
  t.teardown(() => reloader.close())
  t.strictSame(names(reloader), ['a', 'b'])
  const before = reloader.current()
  t.equal(before.problem, undefined)
  t.ok(before.since <= Date.now())
  t.strictSame(lines, [])

  const read = once(logged, 'info')
  writeFileSync(join(folder, 'a.conf'), 'a\nmore\n')
  t.match(await read, [{ files: [join(folder, 'a.conf'), join(folder, 'b.conf')] }])
  t.strictSame(names(reloader), ['a', 'more', 'b'])
  t.ok(reloader.current().since >= before.since)
})

t.test('a replaced file is read', async t => {
  const folder = t.testdir({ 'a.conf': 'a\n' })
  const { logged, log } = logOf()
  const reloader = await openPolicyReloader(load(join(folder, 'a.conf')), { log, pollIntervalMs: NEVER })
  t.teardown(() => reloader.close())
  for (const name of ['b', 'c']) {
    const read = once(logged, 'info')
    writeFileSync(join(folder, 'new'), `${name}\n`)
    renameSync(join(folder, 'new'), join(folder, 'a.conf'))
    await read
    t.strictSame(names(reloader), [name])
  }
})

/** Writes a folder as the kubelet does for a ConfigMap: each file is behind two links, and the first is replaced. */
function configMap (folder: string) {
  let generation = 0
  return {
    publish (text: string): void {
      const before = `..${generation}`
      const now = `..${++generation}`
      mkdirSync(join(folder, now))
      writeFileSync(join(folder, now, 'words'), text)
      symlinkSync(now, join(folder, '..data_tmp'))
      renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
      if (generation === 1) symlinkSync('..data/words', join(folder, 'words'))
      rmSync(join(folder, before), { recursive: true, force: true })
    }
  }
}

t.test('a ConfigMap is read again each time it is replaced', async t => {
  const folder = t.testdir({})
  const map = configMap(folder)
  map.publish('a\n')
  const { logged, log } = logOf()
  const reloader = await openPolicyReloader(load(join(folder, 'words')), { log, pollIntervalMs: NEVER })
  t.teardown(() => reloader.close())
  for (const name of ['b', 'c', 'd']) {
    const read = once(logged, 'info')
    map.publish(`${name}\n`)
    await read
    t.strictSame(names(reloader), [name])
  }
})

t.test('a ConfigMap reached by a link from another folder is read again each time it is replaced', async t => {
  const folder = t.testdir({ conf: {}, map: {} })
  const map = configMap(join(folder, 'map'))
  map.publish('a\n')
  symlinkSync('../map/words', join(folder, 'conf', 'words'))
  const { logged, log } = logOf()
  const reloader = await openPolicyReloader(load(join(folder, 'conf', 'words')), { log, pollIntervalMs: NEVER })
  t.teardown(() => reloader.close())
  const read = once(logged, 'info')
  map.publish('b\n')
  await read
  t.strictSame(names(reloader), ['b'])
})

t.test('a link that is changed to another file is followed', async t => {
  const folder = t.testdir({ conf: {}, one: { 'a.conf': 'a\n' }, two: { 'a.conf': 'b\n' } })
  const link = join(folder, 'conf', 'a.conf')
  symlinkSync('../one/a.conf', link)
  const { logged, log } = logOf()
  const reloader = await openPolicyReloader(load(link), { log, pollIntervalMs: NEVER })
  t.teardown(() => reloader.close())
  const swapped = once(logged, 'info')
  symlinkSync('../two/a.conf', join(folder, 'conf', 'new'))
  renameSync(join(folder, 'conf', 'new'), link)
  await swapped
  t.strictSame(names(reloader), ['b'])

  const changed = once(logged, 'info')
  writeFileSync(join(folder, 'two', 'a.conf'), 'c\n')
  await changed
  t.strictSame(names(reloader), ['c'], 'the new target is watched now')
})

t.test('an invalid file leaves the old policy in force and is reported once', async t => {
  const folder = t.testdir({ 'a.conf': 'a\n' })
  const file = join(folder, 'a.conf')
  const { logged, log, lines } = logOf()
  const reloader = await openPolicyReloader(load(file), { log, pollIntervalMs: NEVER })
  t.teardown(() => reloader.close())
  const { since } = reloader.current()

  const refused = once(logged, 'warn')
  writeFileSync(join(folder, 'new'), 'two words\n')
  renameSync(join(folder, 'new'), file)
  t.match(await refused, [{ problem: /a\.conf line 1: is not a word: two words$/ }])
  t.strictSame(names(reloader), ['a'])
  t.match(reloader.current(), { since, problem: /two words/ })
  await reloader.refresh()
  await reloader.refresh()
  t.equal(lines.filter(line => line.startsWith('warn')).length, 1)

  const other = once(logged, 'warn')
  rmSync(file)
  await other
  t.match(reloader.current(), { since, problem: /a\.conf: cannot be read \(ENOENT\)/ })
  t.strictSame(names(reloader), ['a'])

  const restored = once(logged, 'info')
  writeFileSync(join(folder, 'new'), 'a\n')
  renameSync(join(folder, 'new'), file)
  await restored
  t.match(reloader.current(), { since, problem: undefined }, 'the same content is in force since the first load')
})

t.test('the removal of an optional file lifts no limits, and an empty file does', async t => {
  const file = join(t.testdir({ 'a.conf': 'a\n' }), 'a.conf')
  const optional = async (read: ReadFile): Promise<Names> =>
    (await policyText(read, file, [], { mayBeMissing: true }) ?? '').split('\n').slice(0, -1)
  const loads: boolean[] = []
  const { log, lines } = logOf()
  const reloader = await openPolicyReloader(optional, { log, onLoad: ok => loads.push(ok), pollIntervalMs: NEVER })
  t.teardown(() => reloader.close())
  rmSync(file)
  await reloader.refresh()
  t.strictSame(names(reloader), ['a'])
  t.match(reloader.current().problem, `${file} was removed while it was in use`)
  t.equal(lines.filter(line => line.startsWith('warn ')).length, 1)
  t.strictSame(loads, [true, false])
  await t.rejects(reloader.replace(optional), { code: 'ConfInvalid', message: /was removed while it was in use/ })
  t.strictSame(names(reloader), ['a'], 'a reload lifts no limits either')
  writeFileSync(file, '')
  await reloader.refresh()
  t.strictSame(names(reloader), [], 'an empty file lifts its limits')
  t.equal(reloader.current().problem, undefined)
})

t.test('a refresh finds what no event reported, and does nothing if nothing changed', async t => {
  const folder = t.testdir({ 'a.conf': 'a\n' })
  const { log, lines } = logOf()
  const reloader = await openPolicyReloader(load(join(folder, 'a.conf')), { log, pollIntervalMs: NEVER })
  t.teardown(() => reloader.close())
  const before = reloader.current().policy
  await reloader.refresh()
  t.equal(reloader.current().policy, before)
  t.strictSame(lines, [])
  writeFileSync(join(folder, 'a.conf'), 'b\n')
  await Promise.all([reloader.refresh(), reloader.refresh()])
  t.strictSame(names(reloader), ['b'])
  t.equal(lines.length, 1)
})

t.test('a folder that is removed and recreated is read again by the timer', async t => {
  const folder = t.testdir({ conf: { 'a.conf': 'a\n' } })
  const { logged, log } = logOf()
  const reloader = await openPolicyReloader(load(join(folder, 'conf', 'a.conf')), { log, pollIntervalMs: 10 })
  t.teardown(() => reloader.close())
  const gone = once(logged, 'warn')
  renameSync(join(folder, 'conf'), join(folder, 'old'))
  await gone
  const restored = once(logged, 'info')
  mkdirSync(join(folder, 'new'))
  writeFileSync(join(folder, 'new', 'a.conf'), 'b\n')
  renameSync(join(folder, 'new'), join(folder, 'conf'))
  await restored
  t.strictSame(names(reloader), ['b'])
})

t.test('files that are invalid or missing at the start prevent it', async t => {
  const folder = t.testdir({ 'a.conf': 'two words\n', 'b.conf': 'b-b\n' })
  const { log } = logOf()
  await t.rejects(openPolicyReloader(load(join(folder, 'a.conf'), join(folder, 'b.conf')), { log }), {
    code: 'ConfInvalid',
    message: /a\.conf line 1: .*\n.*b\.conf line 1: /
  })
  await t.rejects(openPolicyReloader(load(join(folder, 'c.conf')), { log }), {
    code: 'FileNotReadable',
    message: /c\.conf: cannot be read \(ENOENT\)/,
    details: { file: join(folder, 'c.conf') }
  })
})

t.test('nothing is read after close', async t => {
  const folder = t.testdir({ 'a.conf': 'a\n' })
  const { log, lines } = logOf()
  const reloader = await openPolicyReloader(load(join(folder, 'a.conf')), { log, pollIntervalMs: NEVER })
  reloader.close()
  writeFileSync(join(folder, 'a.conf'), 'b\n')
  await reloader.refresh()
  t.strictSame(names(reloader), ['a'])
  t.strictSame(lines, [])
})

t.test('a file that another file names is watched, from the moment that it is named', async t => {
  const folder = t.testdir({ 'a.conf': 'a\n', more: { 'b.conf': 'b\n' } })
  const { logged, log } = logOf()
  const reloader = await openPolicyReloader(load(join(folder, 'a.conf')), { log, pollIntervalMs: NEVER })
  t.teardown(() => reloader.close())
  writeFileSync(join(folder, 'a.conf'), 'a\nmore more/b.conf\n')
  await reloader.refresh()
  t.strictSame(names(reloader), ['a', 'b'])
  const read = once(logged, 'info')
  writeFileSync(join(folder, 'more', 'b.conf'), 'c\n')
  await read
  t.strictSame(names(reloader), ['a', 'c'])
})

t.test('another load function is applied to the present files, or refused', async t => {
  const folder = t.testdir({ 'a.conf': 'a\n', 'b.conf': 'b\n', 'wrong.conf': 'two words\n' })
  const loads: boolean[] = []
  const reloader = await openPolicyReloader(load(join(folder, 'a.conf')), {
    log: logOf().log,
    pollIntervalMs: NEVER,
    onLoad: ok => loads.push(ok)
  })
  t.teardown(() => reloader.close())
  const { since } = reloader.current()
  await reloader.replace(load(join(folder, 'a.conf'), join(folder, 'b.conf')))
  t.strictSame(names(reloader), ['a', 'b'])

  await t.rejects(reloader.replace(load(join(folder, 'wrong.conf'))), {
    code: 'ConfInvalid',
    message: /wrong\.conf line 1/
  })
  t.match(reloader.current(), { policy: ['a', 'b'], problem: undefined }, 'the files in force have no problem')
  writeFileSync(join(folder, 'a.conf'), 'two words\n')
  await t.rejects(reloader.replace(load(join(folder, 'a.conf'))), { code: 'ConfInvalid', message: /a\.conf line 1/ })
  t.match(reloader.current(), { policy: ['a', 'b'], problem: /a\.conf line 1/ })

  writeFileSync(join(folder, 'a.conf'), 'c\n')
  await reloader.refresh()
  t.match(reloader.current(), { policy: ['c', 'b'], problem: undefined })
  t.ok(reloader.current().since >= since)
  t.strictSame(loads, [true, true, false, true])
})

t.test('the time of the last check of the files is reported', async t => {
  const folder = t.testdir({ 'a.conf': 'a\n' })
  const reloader = await openPolicyReloader(load(join(folder, 'a.conf')), { log: logOf().log, pollIntervalMs: NEVER })
  t.teardown(() => reloader.close())
  const { since, lastTried } = reloader.current()
  t.ok(lastTried >= since)
  await reloader.refresh()
  t.equal(reloader.current().since, since)
  t.ok(reloader.current().lastTried >= lastTried)
})

t.test('a policy without files is empty', async t => {
  const reloader = await openPolicyReloader(load(), { log: logOf().log })
  t.strictSame(reloader.current().policy, [])
  reloader.close()
})

t.test('each load of a policy is counted, and only a good one says that the rules may have changed', async t => {
  const folder = t.testdir({ 'a.conf': 'a\n' })
  const reported: unknown[] = []
  const options = reportingLoads({
    log: logOf().log as PluginContext['log'],
    counts: { policyLoaded: (ok: boolean) => { reported.push(ok) } } as PluginContext['counts'],
    startRulesChanged () { reported.push('rules') }
  })
  const reloader = await openPolicyReloader(load(join(folder, 'a.conf')), { ...options, pollIntervalMs: NEVER })
  t.teardown(() => reloader.close())
  t.strictSame(reported, [true, 'rules'])
  writeFileSync(join(folder, 'a.conf'), 'two words\n')
  await reloader.refresh()
  t.strictSame(reported, [true, 'rules', false])
})
