import t from 'tap'
import { bootId } from '../../../plugins/local/boot-id.ts'

t.match(bootId(), /^[0-9a-f-]{36}$/, 'the boot has an id')
t.equal(bootId(), bootId(), 'it stays the same')
