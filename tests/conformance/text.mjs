// Tokens to text, and texts to texts that are wrong in one place or a few.
const separators = [' ', ' ', ' ', '\n', '\n  ', ', ', '\t', '\r\n', ' # a remark, \u{1F600}\n', '\uFEFF', '\r'];
const punctuators = ['!', '$', '&', '(', ')', '...', ':', '=', '@', '[', ']', '{', '|', '}'];
const words = ['query', 'mutation', 'subscription', 'fragment', 'on', 'true', 'false', 'null', 'extend', 'type',
               'schema', 'scalar', 'interface', 'union', 'enum', 'input', 'directive', 'implements', 'repeatable',
               'if', 'id', '__typename', '_'];
const strangeTokens = ['01', '1.', '.5', '1e', '-', '1.2e3.4', '0x1F', '1_000', '"open', '"""open', '"\\q"', '"\\u12"',
                       '"\\u{110000}"', '"\\u{}"', '"\\uD83D"', '"\\uD83D\\uDE00"', '"\\uDE00"', '"""\\""" """', '..',
                       '?', "'id'", '%', '\\', '""', '""""""', '1.0', '-0', '1E9', '#', '\u00e9', '"\\u{1F600}"'];
const strangeCharacters = ['"', '\\', '\\u', '\\u{', '\\uD83D', '{', '}', '#', '\n', '\r', '\u0007', '\u007f', '\u00e9',
                           '\u2028', '\uFEFF', '\u{1F600}', '.', '-', '0', 'e', '"""', "'", ';', '?', '\u0080'];

// Two tokens that would run into each other need something between them.
const touches = (left, right) => /[\w"]$/.test(left) && /^[\w".]/.test(right);

export function render(tokens, random) {
  const isPlain = random.chance(0.5);
  let text = random.chance(0.03) ? '\uFEFF' : '';
  let last = '';
  for (const token of tokens) {
    if (touches(last, token) || /^[-\d]/.test(token) || random.chance(0.5)) {
      text += isPlain ? ' ' : random.pick(separators);
    }
    text += token;
    last = token;
  }
  return text;
}

const anyToken = (tokens, random) =>
  random.pick([random.pick(tokens), random.pick(tokens), random.pick(punctuators), random.pick(words),
               random.pick(strangeTokens)]);

// A few tokens changed: most of the results are syntax errors.
export function mutateTokens(original, random) {
  const tokens = [...original];
  const times = random.pick([1, 1, 1, 2, 3]);
  for (let i = 0; i < times && tokens.length > 1; ++i) {
    const at = random.int(0, tokens.length - 1);
    const change = random.weighted({
      remove: 3, double: 2, swap: 2, replace: 4, insert: 3, move: 1, end: 1, misspell: 3 });
    switch (change) {
      case 'remove':
        tokens.splice(at, random.pick([1, 1, 2, 3]));
        break;
      case 'double':
        tokens.splice(at, 0, tokens[at]);
        break;
      case 'swap':
        tokens.splice(at, 2, ...tokens.slice(at, at + 2).toReversed());
        break;
      case 'replace':
        tokens[at] = anyToken(tokens, random);
        break;
      case 'insert':
        tokens.splice(at, 0, anyToken(tokens, random));
        break;
      case 'move':
        tokens.splice(random.int(0, tokens.length - 1), 0, ...tokens.splice(at, random.int(1, 5)));
        break;
      case 'end':
        tokens.length = Math.max(1, at);
        break;
      default:
        if (/^[A-Za-z]\w*$/.test(tokens[at])) {
          tokens[at] = random.misspell(tokens[at]);
        }
    }
  }
  return tokens;
}

// A few characters changed. What JSON cannot carry to a server is left out.
export function mutateCharacters(original, random) {
  let text = original;
  const times = random.int(1, 3);
  for (let i = 0; i < times; ++i) {
    const at = random.int(0, text.length);
    const inserted = random.chance(0.7) ? random.pick(strangeCharacters) : '';
    text = text.slice(0, at) + inserted + text.slice(at + random.int(0, 2));
  }
  return text.isWellFormed() ? text : original;
}
