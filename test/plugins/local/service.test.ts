import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { checkService, serviceFinding, serviceOf } from '../../../plugins/local/service.ts'

const TEMPLATE = fileURLToPath(new URL('../../../conf-templates/job-launcher.service', import.meta.url))

t.test('the service of a process is read from its control groups, of both versions', async t => {
  t.equal(serviceOf('0::/system.slice/content.service\n'), 'content.service')
  t.equal(serviceOf('0::/system.slice/content.service/launcher\n'), 'content.service')
  t.equal(serviceOf('9:name=systemd:/system.slice/hub.service\n8:pids:/other.service\n'), 'hub.service')
  t.equal(serviceOf('0::/user.slice/user-0.slice/session-1.scope\n'), undefined)
  t.equal(serviceOf('9:name=systemd:/\n8:pids:/\n'), undefined)
})

t.test('a service that ends local jobs with the launcher is a warning that says what to change', async t => {
  t.match(serviceFinding('a.service', 'KillMode=control-group\nDelegate=no\n'), {
    check: 'service',
    state: 'warning',
    message: 'The launcher belongs to a.service: its KillMode is control-group, so that local jobs end with it; ' +
      'its Delegate is no, so that systemd may remove the control groups of jobs.',
    help: /systemctl edit a\.service.*KillMode=process and Delegate=yes/
  })
  t.match(serviceFinding('a.service', 'KillMode=mixed\nDelegate=yes\n'), { message: /KillMode is mixed, [^;]*\.$/ })
  t.equal(serviceFinding('a.service', 'KillMode=process\nDelegate=yes\n'), undefined)
})

t.test('a process of no service, and one whose service cannot be asked for, have no finding', async t => {
  t.equal(await checkService(process.pid, { PATH: '/none' }), undefined)
  t.equal(await checkService(2 ** 22, { PATH: '/none' }), undefined)
})

t.test('the unit of the templates is valid, and spares the jobs', {
  skip: spawnSync('systemd-analyze', ['--version']).status === 0 ? false : 'systemd-analyze is missing'
}, async t => {
  const text = readFileSync(TEMPLATE, 'utf8')
  const folder = t.testdir()
  const command = join(folder, 'job-launcher')
  writeFileSync(command, '#!/bin/sh\n')
  chmodSync(command, 0o755)
  mkdirSync(join(folder, 'unit'))
  const unit = join(folder, 'unit', 'job-launcher.service')
  writeFileSync(unit, text.replaceAll('/usr/bin/job-launcher', command))
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' })
  t.equal(`${stdout}${stderr}`, '')
  t.equal(status, 0)
  t.equal(serviceFinding('job-launcher.service', text), undefined)
  t.match(text, /^KillMode=process$/m)
  t.match(text, /^Delegate=yes$/m)
})
