// The modules that only the serve command loads.

export { prepareConfig } from '../config/prepare.ts'
export { closeInheritedDescriptors } from '../lib/inherited-descriptors.ts'
export { requireTrustedConf } from './check-files.ts'
export { openLogStream } from './log-stream.ts'
export { createLogger } from './logger.ts'
export { runDaemon } from './run-daemon.ts'
export { originalPlace } from './place.ts'
export { createScratchPath } from './scratch-path.ts'
export { waitForLock } from './wait-for-lock.ts'
