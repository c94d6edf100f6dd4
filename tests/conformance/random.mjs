// Chance from a seed, so that a test that fails, fails again.
export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  // In [0, 1): mulberry32.
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  // A whole number in [low, high].
  int(low, high) {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability) {
    return this.next() < probability;
  }

  pick(items) {
    return items[this.int(0, items.length - 1)];
  }

  // One of the keys of an object, by the weights that are its values.
  weighted(weights) {
    const entries = Object.entries(weights);
    let point = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of entries) {
      point -= weight;
      if (point < 0) {
        return key;
      }
    }
    return entries[0][0];
  }

  // A name as someone mistypes it: near enough for a suggestion most of the time.
  misspell(name) {
    const at = this.int(0, name.length - 1);
    const letter = this.pick([...'aeinst_X1']);
    const typo = [
      () => name.slice(0, at) + letter + name.slice(at),
      () => name.slice(0, at) + name.slice(at + 1),
      () => name.slice(0, at) + letter + name.slice(at + 1),
      () => name.slice(0, at) + (name[at + 1] ?? 's') + name[at] + name.slice(at + 2),
      () => name.toUpperCase(),
      () => name.toLowerCase(),
      () => name[0].toUpperCase() + name.slice(1),
      () => name + name,
      () => `unknown${name}`,
    ];
    const changed = this.pick(typo)();
    return changed !== name && /^[A-Za-z_]\w*$/.test(changed) ? changed : `${name}s`;
  }
}
