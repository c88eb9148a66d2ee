// The schema of the protocol of a port.

import { OneOf } from '../lib/one-of.ts'

export const ProtocolWord = OneOf(['TCP', 'UDP'], { title: 'Protocol' })
