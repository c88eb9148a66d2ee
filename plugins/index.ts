// Every plugin that comes with the launcher.

import type { PluginDefinition } from '../launcher/plugin.ts'
import { local } from './local/index.ts'

export const plugins: readonly PluginDefinition[] = [local as unknown as PluginDefinition]
