// The metrics that the dashboard and the alerts read exist. scripts/suites/monitoring runs them in Prometheus.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createMetrics } from '../../launcher/metrics.ts'
import { scriptedApp } from '../fixtures/scripted-app.ts'

const FOLDER = join(import.meta.dirname, '../../examples/monitoring')
const GUIDE = join(import.meta.dirname, '../../docs/guide/monitor.md')

t.test('the dashboard and the alerts name metrics that exist', async t => {
  const { server } = await scriptedApp(t)
  await server.inject('/metrics')
  const { body } = await server.inject('/metrics')
  const names = new Set([...body.matchAll(/^# HELP (\S+)/gm)].map(([, name]) => name))
  for (const { name } of createMetrics().own) names.add(name)
  for (const file of ['alerts.yml', 'grafana-dashboard.json']) {
    const text = readFileSync(join(FOLDER, file), 'utf8')
    const used = new Set([...text.matchAll(/\b(job_launcher|process|nodejs)_\w+/g)].map(([name]) =>
      name.replace(/_seconds_(bucket|count)$/, '_seconds')))
    t.ok(used.size > 10, `${file} names many`)
    t.strictSame([...used].filter(name => !names.has(name)), [], file)
  }
})

t.test('the guide says what to do about each alert', async t => {
  const rules = readFileSync(join(FOLDER, 'alerts.yml'), 'utf8')
  const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name)
  const guide = readFileSync(GUIDE, 'utf8')
  t.strictSame([...guide.matchAll(/^\| `(JobLauncher\w+)`/gm)].map(([, name]) => name), alerts)
})
