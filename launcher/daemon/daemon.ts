// Everything that the serve command loads when it is run, and no other command does.

export { prepareConfig } from '../config/prepare.ts'
export { closeInheritedDescriptors } from '../lib/inherited-descriptors.ts'
export { takeLock } from './lock.ts'
export { makeLogger } from './logger.ts'
export { runDaemon } from './run-daemon.ts'
export { makeScratchPath } from './scratch-path.ts'
