// Every plugin that comes with the launcher.

import type { PluginDefinition } from '../launcher/plugin.ts'
import { kubernetes } from './kubernetes/index.ts'
import { local } from './local/index.ts'

export const plugins: readonly PluginDefinition[] = [local, kubernetes]
