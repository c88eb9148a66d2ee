import t from 'tap'
import { CLUSTER_SECTION_KEYS } from '../../../launcher/config/cluster-keys.ts'
import { CLUSTER_KEYS } from '../../../launcher/plugin-kit/cluster-keys.ts'
import { keysOf } from '../../../launcher/config/conf-section.ts'
import { SERVER_KEYS } from '../../../launcher/config/server-keys.ts'

t.test('every key has a kebab-case name, a type and a description of one or more sentences', async t => {
  for (const schema of [SERVER_KEYS, CLUSTER_SECTION_KEYS, CLUSTER_KEYS]) {
    for (const [key, { type, description }] of Object.entries(keysOf(schema))) {
      t.match(key, /^[a-z]+(-[a-z]+)*$/)
      t.match(type, /^(string|boolean|integer|number|array)$/, key)
      t.match(description, /^[A-Z].*\.$/, key)
    }
  }
})
