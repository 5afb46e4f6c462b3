/** A plugin as it was named. */
export interface PluginRef {
  /** Package name, shorthand, or path. */
  readonly spec: string;
  /** Absolute path of the file that names it (it need not exist): names and paths are resolved from there. */
  readonly from: string;
  readonly origin: 'builtin' | 'config' | 'dependency';
}
