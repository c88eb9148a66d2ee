import t from 'tap'
import { createLocal } from '../../../plugins/local/plugin.ts'
import { local } from '../../../plugins/local/index.ts'

t.match(local, { type: 'Local', create: createLocal }, 'the plugin declares itself as data')
