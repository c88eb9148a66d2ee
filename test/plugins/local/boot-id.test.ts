import t from 'tap'
import { bootId } from '../../../plugins/local/boot-id.ts'

t.match(bootId(), /^[0-9a-f-]{36}:\d+:\d+$/, 'the kernel, the pid namespace and the start of process 1 name the boot')
t.equal(bootId(), bootId(), 'it stays the same')
