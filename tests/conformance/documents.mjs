// Documents for a schema, as tokens: valid ones, and ones with the mistakes that rules are for. Most
// documents make the mistake in `focus` often and others seldom, so that every rule is met often.
import * as graphql from 'graphql';

import { typeSystemDefinition } from './type_system.mjs';
import { Values } from './values.mjs';

export const mistakes = [
  'unknownField', 'leafWithSelection', 'noSelection', 'unknownArgument', 'duplicateArgument',
  'missingArgument', 'wrongValue', 'nullValue', 'enumTypo', 'scalarText', 'oneOf', 'missingField',
  'unknownField', 'duplicateInputField', 'unknownDirective', 'misplacedDirective', 'duplicateDirective',
  'directiveArgument', 'unknownFragment', 'unusedFragment', 'duplicateFragment', 'cycle',
  'fragmentOnLeaf', 'impossibleSpread', 'unknownType',
  'undefinedVariable', 'unusedVariable', 'duplicateVariable', 'outputVariable', 'variablePosition',
  'conflict', 'duplicateOperation', 'anonymousBeside', 'unsupportedOperation', 'typeSystem',
  'subscriptionRoots', 'badDefault',
];

// The mistake that breaks a rule most surely, for the rules that are broken seldom.
const mistakeOf = {
  ExecutableDefinitionsRule: 'typeSystem', KnownOperationTypesRule: 'unsupportedOperation',
  UniqueOperationNamesRule: 'duplicateOperation', LoneAnonymousOperationRule: 'anonymousBeside',
  SingleFieldSubscriptionsRule: 'subscriptionRoots', KnownTypeNamesRule: 'unknownType',
  FragmentsOnCompositeTypesRule: 'fragmentOnLeaf', VariablesAreInputTypesRule: 'outputVariable',
  UniqueFragmentNamesRule: 'duplicateFragment', KnownFragmentNamesRule: 'unknownFragment',
  NoUnusedFragmentsRule: 'unusedFragment', PossibleFragmentSpreadsRule: 'impossibleSpread',
  NoFragmentCyclesRule: 'cycle', UniqueVariableNamesRule: 'duplicateVariable',
  NoUndefinedVariablesRule: 'undefinedVariable', NoUnusedVariablesRule: 'unusedVariable',
  UniqueArgumentNamesRule: 'duplicateArgument', UniqueInputFieldNamesRule: 'duplicateInputField',
  VariablesInAllowedPositionRule: 'variablePosition', ProvidedRequiredArgumentsRule: 'missingArgument',
};

// A document has only a few occasions for these.
const seldom = new Set([
  'unusedFragment', 'duplicateFragment', 'cycle', 'undefinedVariable', 'unusedVariable',
  'duplicateVariable', 'outputVariable', 'variablePosition', 'duplicateOperation', 'anonymousBeside',
  'unsupportedOperation', 'typeSystem', 'subscriptionRoots', 'badDefault', 'duplicateInputField',
]);
const inValues = new Set([
  'wrongValue', 'nullValue', 'enumTypo', 'scalarText', 'oneOf', 'missingField', 'duplicateInputField',
]);
const descriptions = ['"What it asks for."', '"""\n  A block:\n    indented.\n"""', '"\\u{1F4DA}"'];

export class Documents {
  // `hits`: how often each rule was broken so far; those broken seldom get more occasions. A rule
  // in `exempt` cannot be broken.
  constructor(schema, random, { hits = new Map(), exempt = new Set() } = {}) {
    this.hits = hits;
    this.ruleNames = Object.keys(mistakeOf).filter((rule) => !exempt.has(rule));
    this.schema = schema;
    this.random = random;
    this.values = new Values(schema, random, (kind) => this.slip(kind));
    const types = Object.values(schema.getTypeMap());
    this.composites = types.filter((type) => graphql.isCompositeType(type) && !type.name.startsWith('__'));
    this.leaves = types.filter((type) => graphql.isLeafType(type));
    this.inputs = types.filter((type) => graphql.isInputType(type) && !type.name.startsWith('__'));
    this.directiveNames = schema.getDirectives().map(({ name }) => name);
    this.roots = ['query', 'mutation', 'subscription'].filter((kind) => schema.getRootType(kind));
  }

  slip(kind) {
    if (kind !== this.focus) {
      return this.random.chance(this.rate);
    }
    return this.random.chance(seldom.has(kind) ? 0.9 : 0.4);
  }

  // The tokens of the next document.
  next() {
    const { random } = this;
    this.rate = random.pick([0, 0, 0, 0.002, 0.01, 0.05]);
    this.focus = { any: random.pick(mistakes), rare: this.#rareMistake(), none: undefined }[
      random.weighted({ any: 0.5, rare: 0.25, none: 0.25 })];
    this.fragments = new Map();
    this.toWrite = [];
    this.fragmentVariables = new Map();
    this.aliases = 0;
    const operationCount = random.pick([1, 1, 1, 1, 2, 3]) + (this.slip('duplicateOperation') ? 1 : 0);
    this.inOneOperation = operationCount === 1;
    const operations = Array.from({ length: operationCount }, (_, i) => this.#operation(i, operationCount));
    const fragments = this.#writeFragments();
    const parts = operations.map((operation) => this.#finish(operation));
    parts.push(...fragments);
    if (this.slip('typeSystem')) {
      parts.push(typeSystemDefinition(random, this.values, this.schema));
    }
    if (random.chance(0.2)) {
      parts.reverse();
    }
    return parts.flat();
  }

  #rareMistake() {
    const count = (rule) => this.hits.get(rule) ?? 0;
    return mistakeOf[this.ruleNames.reduce((a, b) => (count(b) < count(a) ? b : a))];
  }

  #operation(index, count) {
    const { random } = this;
    const kind = this.slip('unsupportedOperation')
      ? random.pick(['query', 'mutation', 'subscription'])
      : random.pick(['query', ...this.roots]);
    this.variables = new Map();
    const root = this.schema.getRootType(kind);
    const isShort = count === 1 && kind === 'query' && random.chance(0.15);
    this.used = new Set();
    const single = kind === 'subscription' && root && !this.slip('subscriptionRoots');
    const selections = single
      ? ['{', ...this.#field(root, 0), '}']
      : this.#selections(root ?? random.pick(this.composites), 0, true);
    const isNamed = !(this.slip('anonymousBeside') || (count === 1 && random.chance(0.3)));
    const name = isNamed ? [this.slip('duplicateOperation') ? 'Again' : `Operation${index}`] : [];
    return { kind, isShort, name, selections, variables: this.variables,
             directives: this.#directives(kind.toUpperCase()) };
  }

  #finish({ kind, isShort, name, selections, variables, directives }) {
    const { random } = this;
    const all = new Map([...variables, ...this.fragmentVariables]);
    if (this.slip('unusedVariable')) {
      all.set(`unused${random.int(0, 2)}`, random.pick(this.inputs));
    }
    if (all.size > 0 && this.slip('undefinedVariable')) {
      all.delete([...all.keys()][0]);
    }
    let definitions = [...all].map(([variable, type]) => this.#variableDefinition(variable, type));
    if (definitions.length > 0 && this.slip('duplicateVariable')) {
      definitions = [...definitions, random.pick(definitions)];
    }
    if (isShort && definitions.length === 0) {
      return selections;
    }
    const list = definitions.length > 0 ? ['(', ...definitions.flat(), ')'] : [];
    return [...this.#description(), kind, ...name, ...list, ...directives, ...selections];
  }

  #description() {
    return this.random.chance(0.08) ? [this.random.pick(descriptions)] : [];
  }

  #variableDefinition(name, type) {
    const { random } = this;
    let written = String(type);
    let fallback = [];
    if (this.slip('outputVariable')) {
      written = random.pick([String(random.pick(this.composites)), `[${random.pick(this.composites)}!]`]);
    } else if (this.slip('unknownType')) {
      written = random.pick([random.misspell(String(graphql.getNamedType(type))), '__Schema', `[[${type}]]`, 'Float']);
    } else if (this.slip('variablePosition')) {
      written = random.pick([
        String(graphql.getNullableType(type)), `[${type}]`, String(random.pick(this.inputs)),
        `${graphql.getNullableType(type)}!`,
      ]);
    } else if (random.chance(0.25) && !graphql.isNonNullType(type)) {
      written = `${type}!`;
    }
    if (random.chance(0.2)) {
      fallback = ['=', ...(this.slip('badDefault') ? this.values.anyLiteral() : this.values.literal(type))];
    }
    return [...this.#description(), '$', name, ':', ...written.split(/(?=[[\]!])|(?<=[[\]!])/), ...fallback,
            ...this.#directives('VARIABLE_DEFINITION')];
  }

  #variable(type) {
    const { random } = this;
    const variables = this.inFragment ? this.fragmentVariables : this.variables;
    const isWanted = random.chance(/variable|badDefault/i.test(this.focus) ? 0.6 : 0.15);
    if (!isWanted || (this.inFragment && !this.inOneOperation && !this.slip('undefinedVariable'))) {
      return undefined;
    }
    const known = [...variables].find(([, other]) => String(other) === String(type));
    const name = known && random.chance(0.7) ? known[0] : `v${variables.size}${this.inFragment ? 'f' : ''}`;
    if (variables.has(name) && String(variables.get(name)) !== String(type)) {
      return undefined;
    }
    variables.set(name, type);
    return ['$', name];
  }

  #selections(type, depth, isRoot = false) {
    const { random } = this;
    const count = depth > 3 ? 1 : random.pick([1, 1, 1, 2, 3]);
    const tokens = ['{'];
    this.used = new Set();
    const used = this.used;
    for (let i = 0; i < count; ++i) {
      const kind = random.weighted({
        field: 8, inline: depth > 4 ? 0 : 1, meta: 0.6,
        spread: depth > 4 ? 0 : /fragment|cycle/i.test(this.focus) ? 6 : 1,
        introspection: isRoot && type === this.schema.getQueryType() ? 0.5 : 0,
      });
      this.used = used;
      if (kind === 'field') {
        tokens.push(...this.#field(type, depth));
      } else if (kind === 'inline') {
        tokens.push(...this.#inline(type, depth));
      } else if (kind === 'spread') {
        tokens.push(...this.#spread(type));
      } else if (kind === 'meta') {
        tokens.push(...(random.chance(0.3) ? ['kind', ':'] : []), '__typename', ...this.#directives('FIELD'));
      } else {
        tokens.push(...this.#introspection());
      }
    }
    tokens.push('}');
    return tokens;
  }

  #introspection() {
    const { random } = this;
    const alias = random.chance(0.3) ? [`meta${this.aliases++}`, ':'] : [];
    const named = ['__type', '(', 'name', ':', JSON.stringify(random.pick(this.composites).name), ')'];
    const [field, type] = random.chance(0.5)
      ? [named, this.schema.getType('__Type')]
      : [['__schema'], this.schema.getType('__Schema')];
    return [...alias, ...field, ...this.#selections(type, 4)];
  }

  #field(parent, depth) {
    const { random } = this;
    const fields = graphql.isUnionType(parent) ? [] : Object.values(parent.getFields());
    if (fields.length === 0) {
      return this.slip('unknownField') ? ['id'] : ['__typename'];
    }
    const field = random.pick(fields);
    let name = field.name;
    if (this.slip('unknownField')) {
      const other = random.pick(this.composites.filter((type) => !graphql.isUnionType(type)));
      name = random.pick([random.misspell(name), random.pick(Object.keys(other.getFields()))]);
    }
    let alias = [];
    if (this.slip('conflict')) {
      alias = [random.pick(['a', 'b', random.pick(fields).name]), ':'];
    } else if (this.used.has(name) || random.chance(0.12)) {
      alias = [`a${this.aliases++}`, ':'];
    }
    this.used.add(alias[0] ?? name);
    const type = graphql.getNamedType(field.type);
    const isComposite = graphql.isCompositeType(type);
    const hasSelections = isComposite ? !this.slip('noSelection') : this.slip('leafWithSelection');
    const selections = hasSelections
      ? this.#selections(isComposite ? type : random.pick(this.composites), depth + 1)
      : [];
    return [...alias, name, ...this.#arguments(field.args), ...this.#directives('FIELD'), ...selections];
  }

  #arguments(definitions) {
    const { random } = this;
    const written = [];
    for (const definition of definitions) {
      const isWanted = graphql.isRequiredArgument(definition)
        ? !this.slip('missingArgument')
        : random.chance(inValues.has(this.focus) ? 0.9 : 0.4);
      if (isWanted) {
        const value = this.values.literal(definition.type, (type) => this.#variable(type));
        written.push([definition.name, ':', ...value]);
      }
    }
    if (this.slip('unknownArgument')) {
      const name = random.misspell(random.pick(['input', 'if', ...definitions.map((d) => d.name)]));
      written.push([name, ':', ...this.values.anyLiteral()]);
    }
    if (written.length > 0 && this.slip('duplicateArgument')) {
      written.push(random.pick(written));
    }
    return written.length > 0 ? ['(', ...written.flat(), ')'] : [];
  }

  #directives(location) {
    const { random } = this;
    const tokens = [];
    const allowed = this.schema.getDirectives().filter((directive) => directive.locations.includes(location));
    const add = (directive) => tokens.push(
      '@', directive.name, ...(this.slip('directiveArgument')
        ? random.pick([[], ['(', 'if', ':', '1', ')'], ['(', random.misspell('if'), ':', 'true', ')']])
        : this.#arguments(directive.args)));
    if (random.chance(0.06) && allowed.length > 0) {
      add(random.pick(allowed));
    }
    if (this.slip('unknownDirective')) {
      tokens.push('@', random.misspell(random.pick(this.directiveNames)), ...this.#arguments([]));
    }
    if (this.slip('misplacedDirective')) {
      add(random.pick(this.schema.getDirectives()));
    }
    if (this.slip('duplicateDirective')) {
      const directive = random.pick(allowed.length > 0 ? allowed : this.schema.getDirectives());
      add(directive);
      add(directive);
    }
    return tokens;
  }

  // A type that a fragment within `parent` may stand on.
  #condition(parent) {
    const { random } = this;
    if (this.slip('fragmentOnLeaf')) {
      return random.pick([...this.leaves, ...this.inputs]).name;
    }
    if (this.slip('unknownType')) {
      return random.misspell(parent.name);
    }
    if (this.slip('impossibleSpread')) {
      return random.pick(this.composites).name;
    }
    const fitting = this.composites.filter((type) => graphql.doTypesOverlap(this.schema, type, parent));
    return fitting.length > 0 ? random.pick(fitting).name : parent.name;
  }

  #inline(parent, depth) {
    const condition = this.random.chance(0.25) ? undefined : this.#condition(parent);
    const known = condition === undefined ? parent : this.schema.getType(condition);
    const type = graphql.isCompositeType(known) ? known : parent;
    return ['...', ...(condition ? ['on', condition] : []), ...this.#directives('INLINE_FRAGMENT'),
            ...this.#selections(type, depth + 1)];
  }

  #spread(parent) {
    const { random } = this;
    if (this.slip('unknownFragment')) {
      return ['...', 'Nowhere', ...this.#directives('FRAGMENT_SPREAD')];
    }
    const known = [...this.fragments].filter(([, on]) => on === parent.name).map(([name]) => name);
    let name = known.length > 0 && random.chance(0.6) ? random.pick(known) : undefined;
    if (this.inFragment && !this.slip('cycle')) {
      // Later fragments only, so that there is no way back.
      name = undefined;
    } else if (this.inFragment && this.fragments.size > 0 && random.chance(0.8)) {
      name = random.pick([...this.fragments.keys()]);
    }
    if (!name) {
      if (this.fragments.size > 5) {
        return ['__typename'];
      }
      name = `Part${this.fragments.size}`;
      this.fragments.set(name, this.#condition(parent));
      this.toWrite.push(name);
    }
    return ['...', name, ...this.#directives('FRAGMENT_SPREAD')];
  }

  #writeFragments() {
    const { random } = this;
    const written = [];
    this.inFragment = true;
    if (this.slip('unusedFragment')) {
      this.fragments.set('Unused', random.pick(this.composites).name);
      this.toWrite.push('Unused');
    }
    while (this.toWrite.length > 0) {
      const name = this.toWrite.shift();
      const condition = this.fragments.get(name);
      const known = this.schema.getType(condition);
      const type = graphql.isCompositeType(known) ? known : random.pick(this.composites);
      const times = this.slip('duplicateFragment') ? 2 : 1;
      for (let i = 0; i < times; ++i) {
        written.push([...this.#description(), 'fragment', name, 'on', condition,
                      ...this.#directives('FRAGMENT_DEFINITION'), ...this.#selections(type, 3)]);
      }
    }
    this.inFragment = false;
    return written;
  }
}

