// Makes a case that fails as small as it can be while it still fails.
const pieces = (text) =>
  text.match(/"""[^]*?"""|"(?:[^"\\\n]|\\.)*"|[A-Za-z_]\w*|[-+.\d][\w.+-]*|\s+|[^]/gu) ?? [];

const attemptsMax = 3000;

// `fails(text)` says, later, whether the text still shows the failure.
export async function shrink(text, fails) {
  let attempts = 0;
  let best = pieces(text);
  let isSmaller = true;
  while (isSmaller && attempts < attemptsMax) {
    isSmaller = false;
    for (let size = Math.ceil(best.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let at = 0; at < best.length && attempts < attemptsMax;) {
        const candidate = [...best.slice(0, at), ...best.slice(at + size)];
        ++attempts;
        if (candidate.length > 0 && await fails(candidate.join(''))) {
          best = candidate;
          isSmaller = true;
        } else {
          at += size;
        }
      }
    }
  }
  return best.join('');
}
