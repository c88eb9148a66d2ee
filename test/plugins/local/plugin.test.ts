import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { scene } from './driven-plugin.ts'

t.test('output that goes to a file that the job chose is read from there', async t => {
  const { driver } = await scene(t)
  const folder = mkdtempSync(join(tmpdir(), 'out-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const job = await driver.submit({
    name: 'x',
    command: 'echo out; echo err >&2',
    stdoutFile: `${folder}/out`,
    stderrFile: `${folder}/err`
  })
  t.match((await driver.untilEnded(job)).outcome, { exitCode: 0 })
  t.equal(readFileSync(`${folder}/out`, 'utf8'), 'out\n')
  t.equal(String(await driver.read(job)), 'out\n')
  t.equal(String(await driver.read(job, { stream: 'stderr' })), 'err\n')
})

t.test('20 MB are read whole by five readers at once', async t => {
  const { driver } = await scene(t)
  const job = await driver.submit({
    name: 'x',
    command: 'i=0; while [ $i -lt 20 ]; do head -c 1000000 /dev/zero | tr "\\0" "$((i % 10))"; i=$((i+1)); done'
  })
  const sizes = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const data = await driver.read(job, { follow: true })
      for (let megabyte = 0; megabyte < 20; megabyte++) {
        const part = data.subarray(megabyte * 1_000_000, (megabyte + 1) * 1_000_000)
        if (!part.equals(Buffer.alloc(1_000_000, String(megabyte % 10)))) {
          throw new Error(`megabyte ${megabyte} differs`)
        }
      }
      return data.length
    })
  )
  t.same(sizes, Array(5).fill(20_000_000))
  await driver.untilEnded(job)
})

t.test('a damaged record counts as no record', async t => {
  const { driver, folderOf } = await scene(t)
  const job = await driver.submit({ name: 'x', command: 'true' })
  await driver.untilEnded(job)
  appendFileSync(join(folderOf(job.id), 'job.json'), '}')
  t.equal(await driver.plugin.recover(job.id), undefined)
})

t.test('profiles are read again on reload, and kept if the new ones are invalid', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'profiles-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'p.conf')
  writeFileSync(file, '[*]\nmax-cpus=1\n')
  const config = { profilesFile: file, allowUnenforcedLimits: true }
  const { driver } = await scene(t, config)
  const submission = { name: 'x', exe: 'true', resourceLimits: [{ type: 'cpuCount' as const, value: 2 }] }
  await t.rejects(driver.admit(submission), {
    code: 'LimitExceeded',
    details: { file, line: 2 }
  })
  writeFileSync(file, '[*]\nmax-cpus=two\n')
  await t.rejects(driver.plugin.reload(config), { code: 'ConfInvalid' })
  await t.rejects(driver.admit(submission), { code: 'LimitExceeded' })
  writeFileSync(file, '[*]\nmax-cpus=3\n')
  await driver.plugin.reload(config)
  t.same(await driver.admit(submission), submission)
})
