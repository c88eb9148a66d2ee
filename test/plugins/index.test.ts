import t from 'tap'
import { CONTRACT } from '../../launcher/plugin.ts'
import { plugins } from '../../plugins/index.ts'

t.same(plugins.map(({ contract }) => contract), plugins.map(() => CONTRACT), 'every plugin is of this contract')
t.equal(new Set(plugins.map(({ type }) => type)).size, plugins.length, 'no two have one type')
t.ok(plugins.some(({ type }) => type === 'Local'), 'Local is there')
