import { once, EventEmitter } from 'node:events'
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { watchDefinitions, type WatchedDefinitions } from '../../../../plugins/kubernetes/images/watch-definitions.ts'

/** Tells each line that is logged as an event of its level. */
function logOf () {
  const told = new EventEmitter()
  const lines: string[] = []
  const level = (name: string) => (facts: object, message: string): void => {
    lines.push(`${name} ${message}`)
    told.emit(name, facts)
  }
  return { told, lines, log: { info: level('info'), warn: level('warn') } as unknown as Parameters<typeof watchDefinitions>[1]['log'] }
}

const names = (definitions: WatchedDefinitions): string[] => definitions.current().map(({ name }) => name)
const NEVER = 2 ** 31 - 1

// What watches the files keeps no process alive, so the tests have to.
const alive = setInterval(() => {}, 1000)
t.teardown(() => clearInterval(alive))

t.test('the files are read in their order, and again when one changes', async t => {
  const folder = t.testdir({ 'a.yaml': '- name: a\n', 'b.yaml': '- name: b\n' })
  const { told, log, lines } = logOf()
  const definitions = await watchDefinitions([join(folder, 'a.yaml'), join(folder, 'b.yaml')], { log, lookEveryMs: NEVER })
  t.teardown(() => definitions.close())
  t.strictSame(names(definitions), ['a', 'b'])
  const before = definitions.state()
  t.equal(before.problem, undefined)
  t.ok(before.since <= Date.now())
  t.strictSame(lines, [])

  const read = once(told, 'info')
  writeFileSync(join(folder, 'a.yaml'), '- name: a\n- name: more\n')
  t.match(await read, [{ images: 3 }])
  t.strictSame(names(definitions), ['a', 'more', 'b'])
  t.ok(definitions.state().since >= before.since)
})

t.test('a file that is replaced is read', async t => {
  const folder = t.testdir({ 'a.yaml': '- name: a\n' })
  const { told, log } = logOf()
  const definitions = await watchDefinitions([join(folder, 'a.yaml')], { log, lookEveryMs: NEVER })
  t.teardown(() => definitions.close())
  for (const name of ['b', 'c']) {
    const read = once(told, 'info')
    writeFileSync(join(folder, 'new'), `- name: ${name}\n`)
    renameSync(join(folder, 'new'), join(folder, 'a.yaml'))
    await read
    t.strictSame(names(definitions), [name])
  }
})

/** A folder as the kubelet makes it of a ConfigMap: what is read is behind two links, and the first one is swapped. */
function configMap (folder: string) {
  let generation = 0
  return {
    publish (text: string): void {
      const before = `..${generation}`
      const now = `..${++generation}`
      mkdirSync(join(folder, now))
      writeFileSync(join(folder, now, 'runtime.yaml'), text)
      symlinkSync(now, join(folder, '..data_tmp'))
      renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
      if (generation === 1) symlinkSync('..data/runtime.yaml', join(folder, 'runtime.yaml'))
      rmSync(join(folder, before), { recursive: true, force: true })
    }
  }
}

t.test('a ConfigMap is read again each time it is swapped', async t => {
  const folder = t.testdir({})
  const map = configMap(folder)
  map.publish('- name: a\n')
  const { told, log } = logOf()
  const definitions = await watchDefinitions([join(folder, 'runtime.yaml')], { log, lookEveryMs: NEVER })
  t.teardown(() => definitions.close())
  for (const name of ['b', 'c', 'd']) {
    const read = once(told, 'info')
    map.publish(`- name: ${name}\n`)
    await read
    t.strictSame(names(definitions), [name])
  }
})

t.test('so is one that a link from another folder leads to', async t => {
  const folder = t.testdir({ conf: {}, map: {} })
  const map = configMap(join(folder, 'map'))
  map.publish('- name: a\n')
  symlinkSync('../map/runtime.yaml', join(folder, 'conf', 'runtime.yaml'))
  const { told, log } = logOf()
  const definitions = await watchDefinitions([join(folder, 'conf', 'runtime.yaml')], { log, lookEveryMs: NEVER })
  t.teardown(() => definitions.close())
  const read = once(told, 'info')
  map.publish('- name: b\n')
  await read
  t.strictSame(names(definitions), ['b'])
})

t.test('a link that leads to another file from now on is followed', async t => {
  const folder = t.testdir({ conf: {}, one: { 'a.yaml': '- name: a\n' }, two: { 'a.yaml': '- name: b\n' } })
  const link = join(folder, 'conf', 'a.yaml')
  symlinkSync('../one/a.yaml', link)
  const { told, log } = logOf()
  const definitions = await watchDefinitions([link], { log, lookEveryMs: NEVER })
  t.teardown(() => definitions.close())
  const swapped = once(told, 'info')
  symlinkSync('../two/a.yaml', join(folder, 'conf', 'new'))
  renameSync(join(folder, 'conf', 'new'), link)
  await swapped
  t.strictSame(names(definitions), ['b'])

  const changed = once(told, 'info')
  writeFileSync(join(folder, 'two', 'a.yaml'), '- name: c\n')
  await changed
  t.strictSame(names(definitions), ['c'], 'where it leads to is watched now')
})

t.test('what is wrong leaves the old in force and is told once', async t => {
  const folder = t.testdir({ 'a.yaml': '- name: a\n' })
  const file = join(folder, 'a.yaml')
  const { told, log, lines } = logOf()
  const definitions = await watchDefinitions([file], { log, lookEveryMs: NEVER })
  t.teardown(() => definitions.close())
  const { since } = definitions.state()

  const refused = once(told, 'warn')
  writeFileSync(join(folder, 'new'), '- nam: b\n')
  renameSync(join(folder, 'new'), file)
  t.match(await refused, [{ problem: /a\.yaml line 1: \[0\]\.nam is not a known key; did you mean name\?/ }])
  t.strictSame(names(definitions), ['a'])
  t.match(definitions.state(), { since, problem: /did you mean name/ })
  await definitions.look()
  await definitions.look()
  t.equal(lines.filter(line => line.startsWith('warn')).length, 1)

  const other = once(told, 'warn')
  rmSync(file)
  await other
  t.match(definitions.state(), { since, problem: /a\.yaml cannot be read \(ENOENT\)/ })
  t.strictSame(names(definitions), ['a'])

  const back = once(told, 'info')
  writeFileSync(join(folder, 'new'), '- name: a\n')
  renameSync(join(folder, 'new'), file)
  await back
  t.strictSame(definitions.state(), { since }, 'the same as before, in force since then')
})

t.test('a look finds what no event told, and nothing is done when nothing changed', async t => {
  const folder = t.testdir({ 'a.yaml': '- name: a\n' })
  const { log, lines } = logOf()
  const definitions = await watchDefinitions([join(folder, 'a.yaml')], { log, lookEveryMs: NEVER })
  t.teardown(() => definitions.close())
  const before = definitions.current()
  await definitions.look()
  t.equal(definitions.current(), before)
  t.strictSame(lines, [])
  writeFileSync(join(folder, 'a.yaml'), '- name: b\n')
  await Promise.all([definitions.look(), definitions.look()])
  t.strictSame(names(definitions), ['b'])
  t.equal(lines.length, 1)
})

t.test('a folder that is gone and comes again is looked at by the timer', async t => {
  const folder = t.testdir({ conf: { 'a.yaml': '- name: a\n' } })
  const { told, log } = logOf()
  const definitions = await watchDefinitions([join(folder, 'conf', 'a.yaml')], { log, lookEveryMs: 10 })
  t.teardown(() => definitions.close())
  const gone = once(told, 'warn')
  renameSync(join(folder, 'conf'), join(folder, 'old'))
  await gone
  const back = once(told, 'info')
  mkdirSync(join(folder, 'new'))
  writeFileSync(join(folder, 'new', 'a.yaml'), '- name: b\n')
  renameSync(join(folder, 'new'), join(folder, 'conf'))
  await back
  t.strictSame(names(definitions), ['b'])
})

t.test('files that are wrong or missing at the start stop it', async t => {
  const folder = t.testdir({ 'a.yaml': '- nam: a\n', 'b.yaml': '- name: B\n' })
  const { log } = logOf()
  await t.rejects(watchDefinitions([join(folder, 'a.yaml'), join(folder, 'b.yaml')], { log }), { code: 'ConfInvalid', message: /a\.yaml line 1: .*\n.*\n.*b\.yaml line 1: / })
  await t.rejects(watchDefinitions([join(folder, 'c.yaml')], { log }), { code: 'FileNotReadable', message: /c\.yaml cannot be read \(ENOENT\)/, details: { file: join(folder, 'c.yaml') } })
})

t.test('after close nothing is read any more', async t => {
  const folder = t.testdir({ 'a.yaml': '- name: a\n' })
  const { log, lines } = logOf()
  const definitions = await watchDefinitions([join(folder, 'a.yaml')], { log, lookEveryMs: NEVER })
  definitions.close()
  writeFileSync(join(folder, 'a.yaml'), '- name: b\n')
  await definitions.look()
  t.strictSame(names(definitions), ['a'])
  t.strictSame(lines, [])
})

t.test('no files are no images', async t => {
  const definitions = await watchDefinitions([], { log: logOf().log })
  t.strictSame(definitions.current(), [])
  definitions.close()
})
