// Operations with variables and the JSON values for them, right and wrong.
import * as graphql from 'graphql';

import { Values } from './values.mjs';

const mistakes = ['wrongValue', 'nullValue', 'enumTypo', 'scalarText', 'oneOf', 'missingField', 'unknownField'];

export class VariableCases {
  constructor(schema, random) {
    this.random = random;
    this.values = new Values(schema, random, (kind) => this.slip(kind));
    const types = Object.values(schema.getTypeMap());
    this.inputs = types.filter((type) => graphql.isInputType(type) && !type.name.startsWith('__'));
    // The types that the schema itself writes, wrappers included, are the ones clients use.
    this.used = types
      .flatMap((type) => (graphql.isCompositeType(type) && type.getFields ? Object.values(type.getFields()) : []))
      .flatMap((field) => field.args.map((argument) => argument.type));
    this.outputs = types.filter((type) => !graphql.isInputType(type));
  }

  slip(kind) {
    // Validation lets no duplicate fields through to coercion.
    return kind !== 'duplicateInputField' && this.random.chance(kind === this.focus ? 0.25 : this.rate);
  }

  #type() {
    const { random } = this;
    if (this.used.length > 0 && random.chance(0.6)) {
      return random.pick(this.used);
    }
    let type = random.pick(this.inputs);
    for (let i = random.pick([0, 0, 1, 2, 3]); i > 0; --i) {
      type = graphql.isNonNullType(type) || random.chance(0.6)
        ? new graphql.GraphQLList(type)
        : new graphql.GraphQLNonNull(type);
    }
    return type;
  }

  next() {
    const { random } = this;
    this.rate = random.pick([0, 0, 0.01, 0.05]);
    this.focus = random.chance(0.6) ? random.pick(mistakes) : undefined;
    const definitions = [];
    const given = [];
    const count = random.pick([1, 1, 2, 3]);
    for (let i = 0; i < count; ++i) {
      const type = this.#type();
      const written = random.chance(0.01) ? String(random.pick(this.outputs)) : String(type);
      const fallback = random.chance(0.25) ? ` = ${this.values.literal(type).join(' ')}` : '';
      definitions.push(`$v${i}: ${written}${fallback}`);
      if (random.chance(fallback ? 0.5 : 0.93)) {
        given.push(`"v${i}": ${this.values.json(type)}`);
      }
    }
    if (random.chance(0.05)) {
      given.push(`"extra": ${this.values.anyJson()}`);
    }
    return {
      op: 'coerce',
      text: `query Q(${definitions.join('\n')}) { __typename }`,
      variables: `{${given.join(', ')}}`,
      hideSuggestions: random.chance(0.05),
    };
  }
}
