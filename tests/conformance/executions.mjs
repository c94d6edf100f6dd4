// Whole answers of valid documents: merging, @skip and @include with variables that are null too,
// introspection, and what becomes of errors. Root fields have made-up values.
import * as graphql from 'graphql';

import { parse, rules } from './oracle.mjs';
import { Values } from './values.mjs';

const conditions = { yes: ['Boolean!', true], no: ['Boolean!', false], off: ['Boolean = false', undefined],
                     none: ['Boolean = true', null] };

class Executions {
  constructor(schema, random) {
    this.schema = schema;
    this.random = random;
    this.values = new Values(schema, random, () => false);
  }

  // { text, variables }
  next() {
    const { random, schema } = this;
    this.used = new Map();
    this.written = new Map(); // of a field of a type: its arguments, so that its places merge
    this.fragments = [];
    this.nulls = random.pick([0, 0, 0.1, 0.3]);
    const kind = schema.getMutationType() && random.chance(0.3) ? 'mutation' : 'query';
    const selections = this.#selections(schema.getRootType(kind), 0, true);
    const head = [...this.used].map(([name, [type]]) => `$${name}: ${type}`).join(', ');
    const given = [...this.used].filter(([, [, value]]) => value !== undefined);
    return { text: `${kind} ${head && `(${head})`} ${selections}\n${this.fragments.join('\n')}`,
             variables: Object.fromEntries(given.map(([name, [, value]]) => [name, value])) };
  }

  // `mayFail`: null is no error below what may be null, for there the two sides differ.
  #directives(mayFail) {
    const { random } = this;
    return ['skip', 'include'].filter(() => random.chance(0.15)).map((directive) => {
      const name = mayFail && random.chance(this.nulls) ? 'none' : random.pick(['yes', 'no', 'off']);
      if (random.chance(0.15)) {
        return ` @${directive}(if: ${random.chance(0.5)})`;
      }
      this.used.set(name, conditions[name]);
      return ` @${directive}(if: $${name})`;
    }).join('');
  }

  #arguments(owner, field, mayFail) {
    const key = `${owner.name}.${field.name}`;
    if (!this.written.has(key)) {
      const given = field.args.filter((one) => graphql.isRequiredArgument(one) || this.random.chance(0.4));
      const written = given.map((one) =>
        `${one.name}: ${this.values.literal(one.type, (type) => mayFail && this.#nullVariable(type)).join(' ')}`);
      this.written.set(key, written.length > 0 ? `(${written.join(', ')})` : '');
    }
    return this.written.get(key);
  }

  // A variable with a default may stand where null may not.
  #nullVariable(type) {
    if (!graphql.isNonNullType(type) || !this.random.chance(this.nulls)) {
      return undefined;
    }
    const name = `v${this.used.size}`;
    this.used.set(name, [`${type.ofType} = ${this.values.literal(type).join(' ')}`, null]);
    return ['$', name];
  }

  #selections(type, depth, mayFail) {
    const { random } = this;
    const parts = Array.from({ length: random.int(1, depth > 5 ? 1 : 3) }, () => this.#selection(type, depth, mayFail));
    return `{ ${parts.join(' ')} }`;
  }

  #selection(type, depth, mayFail) {
    const { random } = this;
    const kind = random.weighted({ field: 6, meta: 1, inline: depth > 5 ? 0 : 1, spread: depth > 5 ? 0 : 1 });
    if (kind === 'meta') {
      return `__typename${this.#directives(mayFail)}`;
    }
    if (kind === 'inline') {
      return `... ${random.chance(0.5) ? `on ${type.name}` : ''}${this.#directives(mayFail)} ${
        this.#selections(type, depth + 1, mayFail)}`;
    }
    if (kind === 'spread') {
      const name = `Part${this.fragments.length}`;
      this.fragments.push('');
      const at = this.fragments.length - 1;
      this.fragments[at] = `fragment ${name} on ${type.name} ${this.#selections(type, depth + 1, mayFail)}`;
      return Array.from({ length: random.int(1, 2) }, () => `...${name}${this.#directives(mayFail)}`).join(' ');
    }
    const fields = [...Object.values(type.getFields()),
      ...(type === this.schema.getQueryType() ? [graphql.SchemaMetaFieldDef, graphql.TypeMetaFieldDef] : [])];
    const simple = fields.filter((field) => !graphql.isCompositeType(graphql.getNamedType(field.type)));
    const field = random.pick(depth > 5 && simple.length > 0 ? simple : fields);
    return this.#field(type, field, depth, mayFail);
  }

  #field(type, field, depth, mayFail) {
    const named = graphql.getNamedType(field.type);
    const isMeta = type.name.startsWith('__') || field.name.startsWith('__');
    const below = mayFail && (isMeta || isWholeNonNull(field.type));
    const selections = graphql.isCompositeType(named)
      ? (depth > 8 ? '{ __typename }' : this.#selections(named, depth + 1, below))
      : '';
    const alias = this.random.chance(0.15) ? `${field.name}2: ` : '';
    return `${alias}${field.name}${this.#arguments(type, field, mayFail)}${this.#directives(mayFail)} ${selections}`;
  }
}

// Whether neither it nor an item of it may be null.
const isWholeNonNull = (type) => graphql.isNonNullType(type) &&
  (!graphql.isListType(type.ofType) || isWholeNonNull(type.ofType.ofType));

// A value of a type, as graphql-js has it or, with times as numbers, as the store has it.
function valueOf(type, isStored, depth = 0) {
  if (graphql.isNonNullType(type)) {
    return valueOf(type.ofType, isStored, depth);
  }
  if (graphql.isListType(type)) {
    return depth > 5 ? [] : [valueOf(type.ofType, isStored, depth), valueOf(type.ofType, isStored, depth)];
  }
  if (graphql.isObjectType(type)) {
    return Object.fromEntries(Object.values(type.getFields()).map((field) =>
      [field.name, valueOf(field.type, isStored, depth + 1)]));
  }
  if (graphql.isEnumType(type)) {
    return type.getValues()[0].name;
  }
  const time = isStored ? 0 : '1970-01-01T00:00:00Z';
  return { Int: 7, Float: 0.5, Boolean: true, Time: time, Duration: 'PT1H' }[type.name] ?? 'a "text"';
}

function rootValues(schema, isStored) {
  return Object.assign({}, ...['query', 'mutation'].map((kind) => schema.getRootType(kind)).filter(Boolean)
    .map((type) => valueOf(type, isStored)));
}

// Of errors, what clients go by; `extensions` are ours alone.
const plain = ({ data, errors = [] }) => JSON.stringify({
  data, errors: errors.map(({ message, locations, path }) => ({ message, locations, path })) });

// Answers with how many of the answers have data, errors or both, and everything that differs.
export async function compareExecutions(probe, name, schema, random, count) {
  const executions = new Executions(schema, random);
  const theirRoot = rootValues(schema, false);
  const ourRoot = Object.fromEntries(Object.entries(rootValues(schema, true))
    .map(([field, value]) => [field, JSON.stringify(value)]));
  const phases = { data: 0, errors: 0, both: 0 };
  const wrong = [];
  for (let done = 0; done < count; ++done) {
    const { text, variables } = executions.next();
    const document = parse(text);
    if (graphql.validate(schema, document, rules).length > 0) {
      continue;
    }
    const ours = await probe.ask(JSON.stringify({ schema: name, execute: text, variables, root: ourRoot }));
    const result = graphql.execute({ schema, document, rootValue: theirRoot, variableValues: variables });
    const theirs = JSON.parse(JSON.stringify(result));
    phases[theirs.data === null ? 'errors' : theirs.errors ? 'both' : 'data'] += 1;
    if (plain(ours) !== plain(theirs)) {
      wrong.push(`${text}\n${JSON.stringify(variables)}\n  server:     ${JSON.stringify(ours)}\n  graphql-js: ${plain(theirs)}`);
    }
  }
  return { phases, wrong };
}
