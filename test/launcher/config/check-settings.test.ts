import t from 'tap'
import { checkSettings } from '../../../launcher/config/check-settings.ts'
import { problemText } from '../../../launcher/lib/problem.ts'
import { plugins } from '../../../plugins/index.ts'
import { FILE, resolved } from './given-settings.ts'
import { samplePlugin } from './sample-plugin.ts'

t.test('a disabled launcher, and one without an enabled cluster, are refused', async t => {
  const check = (text: string, selected = plugins) =>
    checkSettings(resolved(text, { plugins: selected }), selected).map(problemText)
  t.strictSame(check(''), [])
  t.strictSame(check('Enabled=off'), [
    `${FILE} line 2: Launcher.Enabled is false: the host should not have started the launcher`
  ])
  t.strictSame(check('Local=off'), [
    `${FILE} line 2: Launcher.Local and Launcher.Kubernetes are both false; at least one must be true`
  ])
  t.strictSame(check('Local=off', [samplePlugin('Local')]), [
    `${FILE} line 2: Launcher.Local is false; it must be true, because no other cluster exists`
  ])
  t.strictSame(check('Local=off', ['Local', 'A', 'B'].map(samplePlugin)), [
    `${FILE} line 2: Launcher.Local and Launcher.A and Launcher.B are all false; at least one must be true`
  ])
})
