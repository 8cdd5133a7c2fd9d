// Evaluates expressions with the package `jsonata` 2.0.6, the version that Step Functions implements, and prints what each
// comes to: one JSON object per line. The test `jsonata::oracle_tests` of the crate `asl` compares the engine with it.
//
//   node oracle.mjs DIR
//
// `install` makes DIR. DIR/node_modules/jsonata is the package. DIR/suite is JSONata's own test suite (`groups`, `skip` and
// `datasets`), of which only the expressions and their data are read: what is right, the package says.

import { createRequire } from 'node:module';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = resolve(process.argv[2]);
const require = createRequire(join(folder, 'package.json'));
const version = require('jsonata/package.json').version;
if (version !== '2.0.6') throw new Error(`jsonata ${version} is not the version of Step Functions, 2.0.6`);
const jsonata = require('jsonata');

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));

// Functions that Step Functions does not have or defines otherwise, or whose values differ from run to run.
const OTHER = /\$(eval|random|shuffle|now|millis|uuid|parse|hash|partition|range)\b/;

/** The cases of the suite: `{ name, expr, data, bindings }`. */
function* suite() {
  const root = join(folder, 'suite');
  const datasets = new Map(
    readdirSync(join(root, 'datasets')).map((file) => [file.replace(/\.json$/, ''), read(join(root, 'datasets', file))]),
  );
  for (const part of ['groups', 'skip']) {
    for (const group of readdirSync(join(root, part)).sort()) {
      for (const file of readdirSync(join(root, part, group)).filter((file) => file.endsWith('.json')).sort()) {
        const cases = [read(join(root, part, group, file))].flat();
        for (const [at, one] of cases.entries()) {
          const expr = one.expr ?? readFileSync(join(root, part, group, one['expr-file']), 'utf8');
          const data = one.dataset ? datasets.get(one.dataset) : one.data;
          const name = `${group}/${file.replace(/\.json$/, '')}${cases.length > 1 ? `[${at}]` : ''}`;
          yield { name, expr, data, bindings: one.bindings ?? {} };
        }
      }
    }
  }
}

/** Expressions of our own, and each function with each of some arguments. */
function* ours() {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const { data, expressions, functions, values } = read(join(here, 'expressions.json'));
  for (const expr of expressions) yield { name: expr, expr, data, bindings: {} };
  for (const [name, most] of Object.entries(functions)) {
    const call = (args) => ({ name: `$${name}(${args})`, expr: `$${name}(${args})`, data, bindings: {} });
    yield call('');
    for (const first of values) {
      yield call(first);
      if (most > 1) for (const second of values) yield call(`${first}, ${second}`);
    }
    yield call(Array(most + 1).fill("'a'").join(', '));
  }
}

/** Whether a value is or holds a function, which Step Functions takes for no value. */
function hasFunction(value) {
  if (typeof value === 'function' || value?._jsonata_lambda || value?._jsonata_function) return true;
  return value !== null && typeof value === 'object' && Object.values(value).some(hasFunction);
}

/** A number without a form in JSON is the text that names it, as in Step Functions. */
const finite = (_, value) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value);

// What Step Functions takes: levels that an evaluation nests (floci-io/floci#2737). Steps end what has no end.
const MAX_DEPTH = 100;
const MAX_STEPS = 200_000;

/** Bounds an evaluation as JSONata's own test suite does. */
function bound(expression) {
  let depth = 0;
  let steps = 0;
  expression.assign(Symbol.for('jsonata.__evaluate_entry'), () => {
    depth += 1;
    steps += 1;
    if (depth > MAX_DEPTH) {
      throw new Error('Stack overflow error: Check for non-terminating recursive function.  Consider rewriting as tail-recursive.');
    }
    if (steps > MAX_STEPS) throw new Error('Expression evaluation timeout: Check for infinite loop');
  });
  expression.assign(Symbol.for('jsonata.__evaluate_exit'), () => {
    depth -= 1;
  });
  return expression;
}

async function outcome({ expr, data, bindings }) {
  try {
    const value = await bound(jsonata(expr)).evaluate(data, bindings);
    if (value === undefined) return { undefined: true };
    if (hasFunction(value)) return { function: true };
    return { result: JSON.parse(JSON.stringify(value, finite)) };
  } catch (error) {
    return { error: error.code ? `${error.code}: ${error.message}` : `${error.message}` };
  }
}

const seen = new Set();
for (const source of [suite(), ours()]) {
  for (const one of source) {
    if (OTHER.test(one.expr) || seen.has(one.name)) continue;
    seen.add(one.name);
    const line = JSON.stringify({ ...one, ...(await outcome(one)) });
    // Half of a surrogate pair is no text outside of JavaScript.
    if (!/\\ud[89a-f][0-9a-f]{2}/i.test(line)) process.stdout.write(`${line}\n`);
  }
}
