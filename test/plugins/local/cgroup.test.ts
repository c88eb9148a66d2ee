import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { openCgroups } from '../../../plugins/local/cgroup.ts'

const INSTANCE = 'c96709000000'
const ID = '0'.repeat(26)
const cgroups = openCgroups(INSTANCE)
const limited = { name: 'x', exe: 'x', resourceLimits: [{ type: 'memory' as const, value: 64 }] }
const skip = cgroups.can('memory') ? false : 'no control group can be made here'

t.test('CPU time needs no group, and other limits are of no known kind', t => {
  t.equal(cgroups.can('cpuTime'), true)
  t.equal(cgroups.can('nvidiaGpus'), false)
  t.equal(cgroups.make(ID, { name: 'x', exe: 'x' }), undefined)
  t.equal(cgroups.make(ID, { name: 'x', exe: 'x', resourceLimits: [{ type: 'cpuTime', value: 1 }] }), undefined)
  cgroups.remove(ID, limited)
  t.end()
})

t.test('a group is created with its limits, idempotently, and removed with its last processes', { skip }, async t => {
  const cgroup = cgroups.make(ID, limited)!
  t.same(cgroups.make(ID, limited), cgroup)
  const [folder] = cgroup.folders
  cgroups.close()
  t.equal(existsSync(folder!), true, 'a job still needs it')
  const limit = ['memory.limit_in_bytes', 'memory.max'].map(name => join(folder!, name)).find(path => existsSync(path))!
  t.equal(Math.ceil(Number(readFileSync(limit, 'utf8')) / 4096), 64_000_000 / 4096)
  t.match(readFileSync(cgroup.eventsFile!, 'utf8'), /^oom_kill 0$/m)
  const child = spawn('/bin/sleep', ['300'])
  await once(child, 'spawn')
  writeFileSync(cgroup.procsFiles[0]!, String(child.pid))
  cgroups.remove(ID, limited)
  await once(child, 'exit')
  cgroups.remove(ID, limited)
  cgroups.remove(ID, limited)
  t.equal(existsSync(folder!), false)
  cgroups.close()
  cgroups.close()
  t.equal(existsSync(dirname(folder!)), false)
})
