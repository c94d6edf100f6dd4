// Asks both sides and compares; what differs is shrunk and told.
import { coerce, check, reprint } from './oracle.mjs';
import { differences } from './differences.mjs';
import { shrink } from './shrink.mjs';

const reportsMax = 5;
const batchSize = 64;

// A case: { op: 'query' | 'coerce' | 'reprint', text, variables?: JSON text, hideSuggestions? }.
export class Comparison {
  constructor(probe, name, schema) {
    this.probe = probe;
    this.name = name;
    this.schema = schema;
    this.hits = new Map();
    this.phases = {};
    this.syntaxErrors = new Map();
    this.excused = new Map();
    this.failures = [];
  }

  #line({ op, text, variables, hideSuggestions }) {
    return `{"schema":${JSON.stringify(this.name)},"${op}":${JSON.stringify(text)}` +
      (variables === undefined ? '' : `,"variables":${variables.replaceAll('\n', ' ')}`) +
      (hideSuggestions ? ',"hideSuggestions":true}' : '}');
  }

  #expected({ op, text, variables, hideSuggestions }, hits) {
    if (op === 'reprint') {
      return reprint(text);
    }
    const values = variables === undefined ? undefined : JSON.parse(variables);
    return op === 'coerce'
      ? coerce(this.schema, text, values, { hideSuggestions })
      : check(this.schema, text, values, { hits, hideSuggestions });
  }

  // Compares the cases that `make` gives, `count` of them.
  async run(count, make) {
    for (let done = 0; done < count; done += batchSize) {
      const cases = Array.from({ length: Math.min(batchSize, count - done) }, make);
      const answers = cases.map((one) => this.probe.ask(this.#line(one)));
      const expected = cases.map((one) => this.#expected(one, this.hits));
      for (const [i, one] of cases.entries()) {
        const theirs = expected[i];
        this.phases[theirs.phase] = (this.phases[theirs.phase] ?? 0) + 1;
        if (theirs.phase === 'parse') {
          const kind = theirs.errors[0].message.replaceAll(/"[^"]*"|U\+\w+/g, '…');
          this.syntaxErrors.set(kind, (this.syntaxErrors.get(kind) ?? 0) + 1);
        }
        const ours = await answers[i];
        if (!isEqual(ours, theirs)) {
          await this.#judge(one, ours, theirs);
        }
      }
    }
  }

  async #judge(one, ours, theirs) {
    const known = differences.find((difference) => difference.applies(one, ours, theirs));
    if (known) {
      this.excused.set(known.name, (this.excused.get(known.name) ?? 0) + 1);
      return;
    }
    if (this.failures.length >= reportsMax) {
      this.failures.push(undefined);
      return;
    }
    const differs = async (candidate) => !isEqual(
      await this.probe.ask(this.#line(candidate)), this.#expected(candidate));
    const small = { ...one, text: await shrink(one.text, (text) => differs({ ...one, text })) };
    if (small.variables !== undefined) {
      small.variables = await shrink(small.variables, (variables) =>
        isObject(variables) && differs({ ...small, variables }));
    }
    this.failures.push({
      ...small, ours: await this.probe.ask(this.#line(small)), theirs: this.#expected(small) });
  }
}

function isObject(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

const isEqual = (a, b) => JSON.stringify(a) === JSON.stringify(b);
