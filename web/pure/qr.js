// A QR code (ISO/IEC 18004) of a short text: byte mode, error correction level M, versions 1 to 10. Pure.

const EC_PER_BLOCK = [0, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26]; // by version, level M
const BLOCKS = [0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5];
const LEVEL_M = 0;
const MASKS = [
  (x, y) => (x + y) % 2,
  (x, y) => y % 2,
  (x) => x % 3,
  (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
  (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];

/** Encode a text. → rows of booleans, true is dark, without the quiet zone. Throws RangeError beyond 213 bytes. */
export function qrCode(text) {
  const bytes = new TextEncoder().encode(text);
  const version = EC_PER_BLOCK.findIndex((_, v) => v && bytes.length <= dataCodewords(v) - (v < 10 ? 2 : 3));
  if (version < 0) throw new RangeError("too long for a QR code of version 10");
  const codewords = interleave(version, encode(version, bytes));
  const candidates = MASKS.map((mask, number) => draw(version, codewords, mask, number));
  return candidates.reduce((best, one) => (penalty(one) < penalty(best) ? one : best));
}

const sizeOf = (version) => 17 + 4 * version;

/** Capacity of all modules but the function patterns, in codewords. */
function totalCodewords(version) {
  const alignments = version > 1 ? Math.floor(version / 7) + 2 : 0;
  let bits = (16 * version + 128) * version + 64;
  if (alignments) bits -= (25 * alignments - 10) * alignments - 55;
  if (version >= 7) bits -= 36;
  return Math.floor(bits / 8);
}

const dataCodewords = (version) => totalCodewords(version) - EC_PER_BLOCK[version] * BLOCKS[version];

/** Encode mode, length, bytes, terminator and padding as codewords. */
function encode(version, bytes) {
  const bits = [];
  const put = (value, length) => {
    for (let i = length - 1; i >= 0; i--) bits.push((value >> i) & 1);
  };
  const capacity = dataCodewords(version) * 8;
  put(0b0100, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  bytes.forEach((byte) => put(byte, 8));
  put(0, Math.min(4, capacity - bits.length));
  put(0, (8 - (bits.length % 8)) % 8);
  for (let pad = 0xec; bits.length < capacity; pad ^= 0xec ^ 0x11) put(pad, 8);
  return Array.from({ length: bits.length / 8 }, (_, i) => parseInt(bits.slice(8 * i, 8 * i + 8).join(""), 2));
}

/** Split the data into blocks, add each block's Reed-Solomon remainder, and interleave both. */
function interleave(version, data) {
  const count = BLOCKS[version];
  const short = Math.floor(data.length / count);
  const longer = data.length % count; // number of the last blocks that hold one codeword more
  const generator = rsGenerator(EC_PER_BLOCK[version]);
  const blocks = [];
  for (let i = 0, at = 0; i < count; i++) {
    const length = short + (i >= count - longer ? 1 : 0);
    const part = data.slice(at, at + length);
    blocks.push({ part, remainder: rsRemainder(part, generator) });
    at += length;
  }
  const woven = [];
  for (let i = 0; i <= short; i++) for (const { part } of blocks) if (i < part.length) woven.push(part[i]);
  for (let i = 0; i < EC_PER_BLOCK[version]; i++) for (const { remainder } of blocks) woven.push(remainder[i]);
  return woven;
}

/** Multiply in GF(2⁸) modulo x⁸ + x⁴ + x³ + x² + 1. */
function multiply(a, b) {
  let product = 0;
  for (let i = 7; i >= 0; i--) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    product ^= ((b >> i) & 1) * a;
  }
  return product;
}

function rsGenerator(degree) {
  const result = Array(degree).fill(0);
  result[degree - 1] = 1;
  for (let i = 0, root = 1; i < degree; i++, root = multiply(root, 2)) {
    for (let j = 0; j < degree; j++) result[j] = multiply(result[j], root) ^ (result[j + 1] ?? 0);
  }
  return result;
}

function rsRemainder(data, generator) {
  const result = generator.map(() => 0);
  for (const byte of data) {
    const factor = byte ^ result.shift();
    result.push(0);
    generator.forEach((coefficient, i) => (result[i] ^= multiply(coefficient, factor)));
  }
  return result;
}

/** Fill a square with the function patterns, the codewords under `mask`, and the format information. */
function draw(version, codewords, mask, number) {
  const size = sizeOf(version);
  const dark = Array.from({ length: size }, () => Array(size).fill(false));
  const fixed = Array.from({ length: size }, () => Array(size).fill(false));
  const set = (x, y, on) => {
    if (x < 0 || y < 0 || x >= size || y >= size) return;
    dark[y][x] = Boolean(on);
    fixed[y][x] = true;
  };
  const bit = (value, i) => (value >> i) & 1;
  const square = (cx, cy, radius, isDark) => {
    for (let dy = -radius; dy <= radius; dy++) {
      for (let dx = -radius; dx <= radius; dx++) set(cx + dx, cy + dy, isDark(Math.max(Math.abs(dx), Math.abs(dy))));
    }
  };
  for (let i = 0; i < size; i++) {
    set(6, i, i % 2 === 0);
    set(i, 6, i % 2 === 0);
  }
  for (const [cx, cy] of [[3, 3], [size - 4, 3], [3, size - 4]]) square(cx, cy, 4, (d) => d !== 2 && d !== 4);
  const places = alignmentPlaces(version);
  const last = places.length - 1;
  places.forEach((cx, i) => places.forEach((cy, j) => {
    const onFinder = (i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0);
    if (!onFinder) square(cx, cy, 2, (d) => d !== 1);
  }));
  const format = formatBits(number);
  for (let i = 0; i < 15; i++) {
    const on = bit(format, i);
    if (i < 6) set(8, i, on);
    else if (i < 8) set(8, i + 1, on);
    else if (i === 8) set(7, 8, on);
    else set(14 - i, 8, on);
    if (i < 8) set(size - 1 - i, 8, on);
    else set(8, size - 15 + i, on);
  }
  set(8, size - 8, true);
  if (version >= 7) {
    const bits = versionBits(version);
    for (let i = 0; i < 18; i++) {
      const a = size - 11 + (i % 3);
      const b = Math.floor(i / 3);
      set(a, b, bit(bits, i));
      set(b, a, bit(bits, i));
    }
  }
  let at = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step++) {
      const y = ((right + 1) & 2) === 0 ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (fixed[y][x]) continue;
        const on = at < codewords.length * 8 && bit(codewords[at >> 3], 7 - (at & 7));
        dark[y][x] = Boolean(on) !== (mask(x, y) === 0);
        at += 1;
      }
    }
  }
  return dark;
}

function alignmentPlaces(version) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
  const places = [6];
  for (let i = 0; i < count - 1; i++) places.splice(1, 0, sizeOf(version) - 7 - i * step);
  return places;
}

function formatBits(mask) {
  const data = (LEVEL_M << 3) | mask;
  let rest = data;
  for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
  return ((data << 10) | rest) ^ 0x5412;
}

function versionBits(version) {
  let rest = version;
  for (let i = 0; i < 12; i++) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
  return (version << 12) | rest;
}

/** Penalty of a mask (ISO/IEC 18004): long runs, blocks, patterns like a finder, and imbalance. */
function penalty(dark) {
  const size = dark.length;
  const lines = [...dark, ...dark.map((_, x) => dark.map((row) => row[x]))];
  let total = 0;
  for (const line of lines) {
    const text = line.map((on) => (on ? "1" : "0")).join("");
    for (const run of text.match(/0{5,}|1{5,}/g) ?? []) total += run.length - 2;
    total += 40 * (text.match(/(?=00001011101|10111010000)/g) ?? []).length;
  }
  for (let y = 0; y < size - 1; y++) {
    for (let x = 0; x < size - 1; x++) {
      const sum = dark[y][x] + dark[y][x + 1] + dark[y + 1][x] + dark[y + 1][x + 1];
      if (sum === 0 || sum === 4) total += 3;
    }
  }
  const share = dark.flat().filter(Boolean).length / (size * size);
  return total + 10 * Math.floor(Math.abs(share - 0.5) * 20);
}
