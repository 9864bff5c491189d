// Stands in for kubectl: `kubectl get RESOURCE -A -o json|jsonpath=...` from a JSON file of objects by resource, named by KUBECTL_OBJECTS.
const { readFileSync } = require('node:fs');

const [, resource, , , output] = process.argv.slice(2);
const found = JSON.parse(readFileSync(process.env.KUBECTL_OBJECTS, 'utf8'))[resource];
if (found === undefined) fail(`error: the server doesn't have a resource type "${resource.split('.')[0]}"`);
if (found === 'forbidden')
  fail(`Error from server (Forbidden): ${resource} is forbidden: User "x" cannot list resource`);
if (output === 'json') process.stdout.write(`${JSON.stringify({ kind: 'List', items: found }, undefined, 4)}\n`);
else {
  // A dot within brackets belongs to a filter.
  const paths = [...output.matchAll(/\{\.([^}]+)\}/g)].map((match) => match[1].split(/\.(?![^[]*\])/));
  for (const item of found) process.stdout.write(`${paths.map((path) => show(values(item, path))).join('\t')}\n`);
}

function values(at, [step, ...rest]) {
  if (at === undefined || at === null) return [];
  if (step === undefined) return [at];
  const [, field, key, value] = /^(\w+)(?:\[(?:\*|\?\(@\.(\w+)=="(\w+)"\))\])?$/.exec(step);
  if (field === step) return values(at[field], rest);
  const chosen = (at[field] ?? []).filter((inner) => key === undefined || inner[key] === value);
  return chosen.flatMap((inner) => values(inner, rest));
}

/** As kubectl prints: texts bare, objects as JSON, several with a space between. */
function show(list) {
  return list.map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value))).join(' ');
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
