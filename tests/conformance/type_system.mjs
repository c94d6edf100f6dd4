// Type system definitions, as tokens: documents may hold them, and must then be refused.
import * as graphql from 'graphql';

export function typeSystemDefinition(random, values, schema) {
  const types = Object.keys(schema.getTypeMap()).filter((name) => !name.startsWith('__'));
  const typeName = () => random.chance(0.6) ? random.pick(types) : random.pick(['Fresh', 'Other', 'Strin', '__Type']);
  const type = () => random.pick([[typeName()], [typeName(), '!'], ['[', typeName(), '!', ']']]);
  const directives = () => random.chance(0.3)
    ? random.pick([['@', 'deprecated'], ['@', 'deprecated', '(', 'reason', ':', '"old"', ')'],
                   ['@', 'specifiedBy', '(', 'url', ':', '"https://example.org"', ')'], ['@', 'oneOf'],
                   ['@', 'skip'], ['@', 'marked'], ['@', 'marked', '(', 'by', ':', '1', ')', '@', 'marked']])
    : [];
  const description = () => random.chance(0.3) ? [values.stringToken()] : [];
  const input = () => [...description(), random.pick(['first', 'by', 'id']), ':', ...type(),
                       ...(random.chance(0.4) ? ['=', ...values.anyLiteral()] : []), ...directives()];
  const some = (make) => Array.from({ length: random.int(1, 3) }, make).flat();
  const list = (open, make, close) => random.chance(0.85) ? [open, ...some(make), close] : [];
  const field = () => [...description(), random.pick(['id', 'name', 'list']), ...list('(', input, ')').slice(
    0, random.chance(0.5) ? Infinity : 0), ':', ...type(), ...directives()];
  const implemented = () => random.chance(0.3) ? ['implements', ...random.pick([[], ['&']]), typeName(),
                                                  ...random.pick([[], ['&', typeName()]])] : [];
  const locations = Object.values(graphql.DirectiveLocation);

  const kinds = {
    schema: () => ['schema', ...directives(), '{', 'query', ':', typeName(), '}'],
    scalar: () => ['scalar', typeName(), ...directives()],
    type: () => ['type', typeName(), ...implemented(), ...directives(), ...list('{', field, '}')],
    interface: () => ['interface', typeName(), ...implemented(), ...directives(), ...list('{', field, '}')],
    union: () => ['union', typeName(), ...directives(), '=', ...random.pick([[], ['|']]), typeName(),
                  ...random.pick([[], ['|', typeName()]])],
    enum: () => ['enum', typeName(), ...directives(), ...list('{', () =>
      [...description(), random.pick(['RED', 'GREEN']), ...directives()], '}')],
    input: () => ['input', typeName(), ...directives(), ...list('{', input, '}')],
    directive: () => ['directive', '@', random.pick(['marked', 'skip', 'fresh']), ...list('(', input, ')'),
                      ...random.pick([[], ['repeatable']]), 'on', ...random.pick([[], ['|']]),
                      random.pick(locations), ...random.pick([[], ['|', random.pick(locations)]])],
  };
  const kind = random.pick(Object.keys(kinds));
  return random.chance(0.25) && kind !== 'directive'
    ? ['extend', ...kinds[kind]()]
    : [...description(), ...kinds[kind]()];
}
