import t from 'tap'
import { checkSettings } from '../../../launcher/config/check-settings.ts'
import { problemText } from '../../../launcher/lib/problem.ts'
import { plugins } from '../../../plugins/index.ts'
import { FILE, resolved } from './given-settings.ts'
import { samplePlugin } from './sample-plugin.ts'

t.test('a launcher that is switched off, or without a cluster that is on, is refused', async t => {
  const check = (text: string, those = plugins) =>
    checkSettings(resolved(text, { plugins: those }), those).map(problemText)
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
