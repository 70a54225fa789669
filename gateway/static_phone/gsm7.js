// How long a text is on the wire. The same alphabet and the same sums as menus/gsm7.py; a test compares the two.

export const BASIC =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
export const EXTENDED = "\f^{}\\[~]|€"; // two septets each

/** {encoding, units, single, parts}: septets or UTF-16 units, how many fit one message, and how many messages it takes. */
export function measure(text) {
  const chars = Array.from(text);
  const gsm = chars.every((char) => BASIC.includes(char) || EXTENDED.includes(char));
  const costs = chars.map((char) => (gsm ? 1 + EXTENDED.includes(char) : char.length));
  const units = costs.reduce((sum, cost) => sum + cost, 0);
  const [single, part] = gsm ? [160, 153] : [70, 67];
  return { encoding: gsm ? "GSM-7" : "UCS-2", units, single, parts: units <= single ? 1 : parts(costs, part) };
}

/** Fill parts in turn: a character of two units is never split. */
function parts(costs, size) {
  let count = 1;
  let used = 0;
  for (const cost of costs) {
    if (used + cost > size) {
      count += 1;
      used = 0;
    }
    used += cost;
  }
  return count;
}

/** "137 of 160 septets (GSM-7)" */
export function used(text) {
  const { encoding, units, single } = measure(text);
  return `${units} of ${single} ${encoding === "GSM-7" ? "septets" : "units"} (${encoding})`;
}

/** "12/160 GSM-7, 1 part" */
export function count(text) {
  const { encoding, units, single, parts } = measure(text);
  return `${units}/${single} ${encoding}, ${parts} ${parts === 1 ? "part" : "parts"}`;
}
