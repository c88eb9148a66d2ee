// Prometheus reads a real launcher on TCP with the key of monitoring, and takes the rules and the expressions of the
// dashboard. Only scripts/suites/monitoring runs it.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { createClient } from '../../launcher/client/client.ts'
import { place, start } from '../e2e/launcher-process.ts'
import { freePort } from '../fixtures/free-port.ts'

const { MONITORING_TOOLS: tools } = process.env
const skip = tools === undefined ? 'only scripts/suites/monitoring runs it' : false
const EXAMPLES = join(import.meta.dirname, '../../examples/monitoring')
const program = (name: string): string => `${tools}/usr/bin/${name}`
/** A launcher without a cluster on another machine has no data for panels of these. */
const ELSEWHERE = /job_launcher_(cluster|output|data)_/

interface Dashboard {
  panels: Array<{ title: string, targets?: Array<{ expr: string }> }>
  templating: { list: Array<{ type: string, query: string | { query: string } }> }
}

t.test('promtool takes the configuration and the rules, and the rules raise what they are for', { skip }, async t => {
  const folder = t.testdir()
  cpSync(EXAMPLES, folder, { recursive: true })
  writeFileSync(join(folder, 'monitoring.key'), 'k')
  for (const args of [['check', 'config', 'prometheus.yml'], ['test', 'rules', 'alerts.test.yml']]) {
    t.match(execFileSync(program('promtool'), args, { cwd: folder, encoding: 'utf8' }), /SUCCESS/)
  }
})

t.test('Prometheus reads a launcher, and each panel of the dashboard shows something', {
  skip, timeout: 120_000
}, async t => {
  const here = place(t, { Address: '127.0.0.1:0' })
  const { ready } = await start(t, here)
  const address = String(ready.address)
  const client = createClient({ address, keyFile: join(here.scratchPath, 'launcher.key') })
  t.teardown(() => client.close())

  const folder = t.testdir()
  cpSync(EXAMPLES, folder, { recursive: true })
  cpSync(join(here.scratchPath, 'monitoring.key'), join(folder, 'monitoring.key'))
  const config = readFileSync(join(folder, 'prometheus.yml'), 'utf8')
  writeFileSync(join(folder, 'prometheus.yml'), config.replaceAll('15s', '1s').replace('127.0.0.1:5559', address))
  const url = `127.0.0.1:${await freePort()}`
  const prometheus = spawn(program('prometheus'), [
    '--config.file=prometheus.yml', '--storage.tsdb.path=data', `--web.listen-address=${url}`, '--log.level=error'
  ], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] })
  const ended = once(prometheus, 'exit')
  t.teardown(async () => {
    prometheus.kill()
    await ended
  })
  const query = async (expr: string): Promise<{ status: string, error?: string, data: { result: unknown[] } }> =>
    await (await fetch(`http://${url}/api/v1/query?${new URLSearchParams({ query: expr })}`)).json() as never
  const until = async (expr: string): Promise<void> => {
    while (((await query(expr).catch(() => undefined))?.data?.result.length ?? 0) === 0) await delay(200)
  }
  await until('up{job="job-launcher"} == 1')

  await client.submit({ name: 'a', command: 'sleep 300' })
  for (const code of [0, 1]) {
    const { id } = await client.submit({ name: 'b', command: `exit ${code}` })
    await client.ended(id)
  }
  await until('job_launcher_jobs_ended_total{outcome="failed"}')
  const { id } = await client.submit({ name: 'c', command: 'exit 1' })
  await client.ended(id)
  await until('increase(job_launcher_jobs_ended_total{outcome="failed"}[1m]) > 0')

  const { panels, templating } = JSON.parse(readFileSync(join(folder, 'grafana-dashboard.json'), 'utf8')) as Dashboard
  for (const { query: variable } of templating.list.filter(({ type }) => type === 'query')) {
    const [, metric, label] = /^label_values\((\w+), (\w+)\)$/.exec((variable as { query: string }).query)!
    await until(`group by (${label}) (${metric}{${label}!=""})`)
  }
  for (const { title, targets = [] } of panels) {
    for (const { expr } of targets) {
      const filled = expr.replace(/\$(instance|cluster)\b/g, '.*').replaceAll('$__rate_interval', '1m')
      const { status, error, data } = await query(filled)
      t.equal(status, 'success', `${title}: ${error ?? ''}`)
      if (!ELSEWHERE.test(expr)) t.not(data.result.length, 0, `${title} shows something`)
    }
  }
  const rules = await (await fetch(`http://${url}/api/v1/rules`)).json() as {
    data: { groups: Array<{ rules: Array<{ name: string, health: string }> }> }
  }
  t.strictSame(rules.data.groups[0]!.rules.filter(({ health }) => health === 'err'), [])

  const key = readFileSync(join(folder, 'monitoring.key'), 'utf8').trim()
  const metrics = await fetch(`http://${address}/metrics`, { headers: { authorization: `Bearer ${key}` } })
  const checked = execFileSync(program('promtool'), ['check', 'metrics'], {
    input: await metrics.text(), encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe']
  })
  t.equal(checked, '', 'promtool has nothing to say about the metrics')
})
