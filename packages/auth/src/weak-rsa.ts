/** Bits of a modulus: below, it can be factored; above, each forged token would cost too much to refuse. */
const MIN_BITS = 2_048;
const MAX_BITS = 8_192;
const MIN_EXPONENT = 65_537n;

/** Why an RSA key proves nothing, in words, or undefined. `n` and `e` as in a JWK: base64url, big-endian. */
export function weaknessOf(n: string, e: string): string | undefined {
  const [modulus, exponent] = [numberOf(n), numberOf(e)];
  const bits = modulus.toString(2).length;
  if (bits < MIN_BITS || bits > MAX_BITS) return `its RSA modulus has ${bits} bits`;
  if (modulus % 2n === 0n) return "its RSA modulus is even";
  if (exponent < MIN_EXPONENT || exponent % 2n === 0n) return "its RSA exponent is small or even";
  return looksLikeRoca(modulus) ? "its RSA modulus can be factored (ROCA, CVE-2017-15361)" : undefined;
}

function numberOf(base64url: string): bigint {
  const hex = Buffer.from(base64url, "base64url").toString("hex");
  return BigInt(`0x${hex || "0"}`);
}

const SMALL_PRIMES = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107,
  109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/**
 * Primes of the flawed generator are powers of 65537 modulo many small primes, and so is their product. (Nemec and others,
 * "The Return of Coppersmith's Attack", CCS 2017.) A sound modulus passes for one about once in 2^27.
 */
function looksLikeRoca(modulus: bigint): boolean {
  return SMALL_PRIMES.every((prime) => {
    const rest = Number(modulus % BigInt(prime));
    const generator = 65_537 % prime;
    let power = 1;
    do {
      if (power === rest) return true;
      power = (power * generator) % prime;
    } while (power !== 1);
    return false;
  });
}
