// Values of input types, as tokens of a document and as JSON text; right ones, and wrong ones where
// `slip(kind)` says so.
import * as graphql from 'graphql';

const times = [
  '2026-01-31T12:00:00Z', '2026-01-31t12:00:00.25+05:30', '1969-12-31T23:59:59.1234567-23:59',
  '2000-02-29T00:00:00z', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59.999999Z',
];
const nearTimes = [
  '2026-01-31', '2026-02-30T12:00:00Z', '2026-01-31T24:00:00Z', '2026-01-31T12:00:00', '1',
  '2026-01-31T12:00:60Z', '2026-1-31T12:00:00Z', '2026-01-31T12:00:00+24:00', '2026-01-31 12:00:00Z',
  '9999-12-31T23:59:59-00:01', '0000-01-01T00:00:00+00:01', '', 'today',
];
const durations = ['P30D', 'PT1H30M', 'P2W', 'P1Y2M10DT2H30M', 'PT0.5S'];
const nearDurations = ['P', 'PT', '30D', 'P1S', 'P1W2D', 'PT5', 'p30d', 'P1.5D', ''];
const texts = [
  '', 'a', 'first', 'ünïcödé', '\u{1F600} smile', 'two\nlines', '\ttab "quoted" \\', '  indented',
  'UPDATED_AT', 'true', '12', 'x'.repeat(90), '\u2028', '\u0007', '\u{10FFFF}', 'null',
];
const integers = [0, 1, -1, 50, 1000, 2147483647, -2147483648];
const numbers = [
  '0', '-0', '1', '50', '-1', '2147483647', '2147483648', '-2147483648', '-2147483649', '1.0', '1.5',
  '1e2', '1E-3', '-0.25', '1e400', '9007199254740993', '123456789012345678901', '1e21', '0.1', '1e-7',
];
const keys = ['first', 'id', '10', '2', '-1', '__proto__', 'constructor', 'length', 'ü', ''];

export class Values {
  constructor(schema, random, slip) {
    this.random = random;
    this.slip = slip;
    this.schema = schema;
    this.enumNames = Object.values(schema.getTypeMap())
      .filter((type) => graphql.isEnumType(type) && !type.name.startsWith('__'))
      .flatMap((type) => type.getValues().map(({ name }) => name));
  }

  text() {
    return this.random.pick(texts);
  }

  // A string token that stands for some text.
  stringToken(value = this.text()) {
    const { random } = this;
    if (random.chance(0.15)) {
      const line = value.replaceAll('"""', '').replace(/["\\]$/, '');
      const inner = random.pick([line, `\n  ${line}\n    ${line}\n  `, `${line}\r\n\tq\n`, `\\"""${line}`]);
      return `"""${inner}"""`;
    }
    return `"${[...value].map((letter) => this.#escaped(letter)).join('')}"`;
  }

  #escaped(letter) {
    const { random } = this;
    const code = letter.codePointAt(0);
    const simple = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\b': '\\b' }[letter];
    if (simple) {
      return simple;
    }
    if (code < 0x20 && code !== 9 && random.chance(0.5)) {
      return `\\u${code.toString(16).padStart(4, '0')}`;
    }
    if (random.chance(0.04)) {
      return random.chance(0.5) || code > 0xffff
        ? `\\u{${code.toString(16).toUpperCase()}}`
        : `\\u${code.toString(16).padStart(4, '0')}`;
    }
    return letter;
  }

  // A literal that fits no type in particular.
  anyLiteral(depth = 0) {
    const { random } = this;
    const kind = random.weighted({
      int: 2, float: 2, string: 2, boolean: 1, null: 1, enum: 2,
      list: depth < 3 ? 1.5 : 0, object: depth < 3 ? 1.5 : 0,
    });
    switch (kind) {
      case 'int':
        return [random.pick(['0', '-1', '7', '2147483648', '-2147483649', '99999999999999999999'])];
      case 'float':
        return [random.pick(['1.5', '-0.0', '1e3', '6.02E+23', '1.0'])];
      case 'string':
        return [this.stringToken()];
      case 'boolean':
        return [random.pick(['true', 'false'])];
      case 'null':
        return ['null'];
      case 'enum':
        return [random.chance(0.5) && this.enumNames.length > 0
          ? random.pick(this.enumNames)
          : random.misspell(random.pick(['RED', 'id', ...this.enumNames]))];
      case 'list':
        return ['[', ...this.#repeat(random.int(0, 3), () => this.anyLiteral(depth + 1)), ']'];
      default:
        return ['{', ...this.#repeat(random.int(0, 3), () =>
          [random.pick(['first', 'id', 'a', 'x_']), ':', ...this.anyLiteral(depth + 1)]), '}'];
    }
  }

  #repeat(count, make) {
    return Array.from({ length: count }, make).flat();
  }

  // The tokens of a literal of a type. `variable(type)` may give the tokens of a variable instead.
  literal(type, variable = () => undefined, depth = 0) {
    const { random } = this;
    const used = variable(type);
    if (used) {
      return used;
    }
    if (this.slip('wrongValue')) {
      return this.anyLiteral();
    }
    if (graphql.isNonNullType(type)) {
      return this.slip('nullValue') ? ['null'] : this.#nullable(type.ofType, variable, depth);
    }
    return random.chance(0.06) ? ['null'] : this.#nullable(type, variable, depth);
  }

  #nullable(type, variable, depth) {
    const { random } = this;
    if (graphql.isListType(type)) {
      return random.chance(0.15)
        ? this.literal(type.ofType, variable, depth + 1)
        : ['[', ...this.#repeat(random.int(0, 3), () => this.literal(type.ofType, variable, depth + 1)), ']'];
    }
    if (graphql.isInputObjectType(type)) {
      return ['{', ...this.#fields(type, depth).flatMap(([name, fieldType]) =>
        [name, ':', ...(fieldType ? this.literal(fieldType, variable, depth + 1) : this.anyLiteral(1))]), '}'];
    }
    if (graphql.isEnumType(type)) {
      const name = random.pick(type.getValues()).name;
      return [this.slip('enumTypo') ? random.pick([random.misspell(name), `"${name}"`]) : name];
    }
    switch (type.name) {
      case 'Int':
        return [String(random.pick(integers))];
      case 'Float':
        return [random.pick(['0', '-1', '2.5', '1e3', '-0.125', '1E-2'])];
      case 'Boolean':
        return [random.pick(['true', 'false'])];
      case 'ID':
        return [random.chance(0.3) ? random.pick(['4', '-7', '00'.slice(1), '12345678901234567890']) : this.stringToken()];
      case 'Time':
        return [JSON.stringify(random.pick(this.slip('scalarText') ? nearTimes : times))];
      case 'Duration':
        return [JSON.stringify(random.pick(this.slip('scalarText') ? nearDurations : durations))];
      case 'String':
        return [this.stringToken()];
      default:
        return this.anyLiteral(2);
    }
  }

  // Names and types of the fields that an object shall have; no type where the name is wrong.
  #fields(type, depth) {
    const { random } = this;
    const all = Object.values(type.getFields());
    let chosen = type.isOneOf
      ? [random.pick(all)]
      : all.filter((field) => graphql.isRequiredInputField(field) || random.chance(depth > 2 ? 0.1 : 0.4));
    if (random.chance(0.2)) {
      chosen = chosen.toReversed();
    }
    if (type.isOneOf && this.slip('oneOf')) {
      chosen = random.chance(0.4) ? [] : all.slice(0, 2);
    }
    if (chosen.length > 0 && this.slip('missingField')) {
      chosen.splice(random.int(0, chosen.length - 1), 1);
    }
    const fields = chosen.map((field) => [field.name, field.type]);
    const unknown = random.misspell(random.pick(all).name);
    if (!type.getFields()[unknown] && this.slip('unknownField')) {
      fields.splice(random.int(0, fields.length), 0, [unknown, undefined]);
    }
    if (fields.length > 0 && this.slip('duplicateInputField')) {
      fields.push(random.pick(fields));
    }
    return fields;
  }

  // JSON text of a value that fits no type in particular.
  anyJson(depth = 0) {
    const { random } = this;
    const kind = random.weighted({
      number: 3, string: 2, boolean: 1, null: 1,
      list: depth < 4 ? 1.5 : 0, object: depth < 4 ? 1.5 : 0,
    });
    switch (kind) {
      case 'number':
        return random.pick(numbers);
      case 'string':
        return JSON.stringify(random.chance(0.3) && this.enumNames.length > 0
          ? random.pick([random.pick(this.enumNames), random.misspell(random.pick(this.enumNames))])
          : this.text());
      case 'boolean':
        return random.pick(['true', 'false']);
      case 'null':
        return 'null';
      case 'list':
        return `[${Array.from({ length: random.pick([0, 1, 2, 3, 12]) }, () => this.anyJson(depth + 2))}]`;
      default: {
        const names = new Set(Array.from({ length: random.int(0, 4) }, () => random.pick(keys)));
        return `{${[...names].map((name) => `${JSON.stringify(name)}: ${this.anyJson(depth + 1)}`)}}`;
      }
    }
  }

  // JSON text of a value of a type.
  json(type, depth = 0) {
    const { random } = this;
    if (this.slip('wrongValue')) {
      return this.anyJson();
    }
    if (graphql.isNonNullType(type)) {
      return this.slip('nullValue') ? 'null' : this.#nullableJson(type.ofType, depth);
    }
    return random.chance(0.06) ? 'null' : this.#nullableJson(type, depth);
  }

  #nullableJson(type, depth) {
    const { random } = this;
    if (graphql.isListType(type)) {
      return random.chance(0.15)
        ? this.json(type.ofType, depth + 1)
        : `[${Array.from({ length: random.int(0, 3) }, () => this.json(type.ofType, depth + 1))}]`;
    }
    if (graphql.isInputObjectType(type)) {
      const fields = new Map(this.#fields(type, depth));
      return `{${[...fields].map(([name, fieldType]) =>
        `${JSON.stringify(name)}: ${fieldType ? this.json(fieldType, depth + 1) : this.anyJson(1)}`)}}`;
    }
    if (graphql.isEnumType(type)) {
      const name = random.pick(type.getValues()).name;
      return JSON.stringify(this.slip('enumTypo') ? random.misspell(name) : name);
    }
    switch (type.name) {
      case 'Int':
        return random.pick([...integers.map(String), '1.0', '1e2', '-0']);
      case 'Float':
        return random.pick(['0', '-1', '2.5', '1e3', '1e21', '-0.125', '1E-2', '5e-324']);
      case 'Boolean':
        return random.pick(['true', 'false']);
      case 'ID':
        return random.chance(0.3) ? random.pick(['4', '-7', '1.0', '9007199254740991']) : JSON.stringify(this.text());
      case 'Time':
        return JSON.stringify(random.pick(this.slip('scalarText') ? nearTimes : times));
      case 'Duration':
        return JSON.stringify(random.pick(this.slip('scalarText') ? nearDurations : durations));
      case 'String':
        return JSON.stringify(this.text());
      default:
        return this.anyJson(2);
    }
  }
}
