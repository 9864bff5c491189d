// Files that another tool turns into manifests: some of them parse as YAML, but do not say what the manifests will.
import { basename, dirname } from 'node:path';
import { shellLine } from '../../shared/model/shell.ts';

const ACTION = /\{\{/;
/** What only Helm's templates call: other tools have their own `{{ }}` inside of manifests (Helm documentation, Built-in Objects). */
const HELM =
  /\{\{-?\s*(?:(?:if|with|range|quote|toYaml)\s.*)?(?:\.(?:Values|Release|Chart|Capabilities)\b|include\s+"|template\s+")/;
/** These hold text of any kind, and are not judged. */
const CARRIER = /^kind:\s*["']?(?:ConfigMap|Secret)\b/m;

/** @param isBroken says that the document is not YAML as it stands @returns what to do with it when it is a template */
export function helmAdvice(document: string, isBroken: boolean): string | undefined {
  const isTemplate = isBroken ? ACTION.test(document) : HELM.test(document) && !CARRIER.test(document);
  return isTemplate ? 'is a Helm template; render it first: helm template CHART > rendered.yaml' : undefined;
}

/** @returns what to do with a file that tells kubectl how to change the files around it */
export function kustomizeAdvice(file: string): string | undefined {
  if (!/^kustomization(\.ya?ml)?$/i.test(basename(file))) return undefined;
  return `is a kustomization, which changes what lies around it; render it first: ${shellLine('kubectl', 'kustomize', dirname(file))} > rendered.yaml`;
}
