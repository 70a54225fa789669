// The wire: sends a carrier's forms, remembers them, and shows each with its answer. All text goes in as text, never as markup.

import { measure, used } from "./gsm7.js";

const KEPT = 100;
const SECONDS = 10; // a carrier waits no longer for an answer
const QUIET = new Set(["ussd-events", "delivery"]);

/** An element with a class and text or children. */
export function element(tag, name = "", ...content) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.append(...content);
  return made;
}

export class Wire {
  constructor(place, empty, hooks) {
    this.place = place;
    this.empty = empty;
    this.hooks = hooks;
  }

  /** Post a form to one of the webhooks; the exchange with its answer. `first` is the exchange this one repeats. */
  async post(kind, fields, who, first = null) {
    const started = performance.now();
    const exchange = { kind, fields, who, at: new Date(), status: 0, answer: "" };
    try {
      const response = await fetch(`${this.hooks}/${kind}`, {
        method: "POST",
        body: new URLSearchParams(fields),
        redirect: "error",
        cache: "no-store",
        signal: AbortSignal.timeout(SECONDS * 1000),
      });
      exchange.answer = await response.text();
      exchange.status = response.status;
    } catch (error) {
      exchange.answer = error.name === "TimeoutError" ? `no answer within ${SECONDS} s` : "no connection";
    }
    exchange.ms = Math.round(performance.now() - started);
    if (first) exchange.verdict = compare(first, exchange);
    this.show(exchange);
    return exchange;
  }

  /** A text that reached a phone: not a request, but it was on the air. */
  received(text, who) {
    const parts = `${text.parts} ${text.parts === 1 ? "part" : "parts"}`;
    this.add(this.entry(`text → ${who}`, new Date(text.created_at), [text.state], [answer(text.text), note(`${used(text.text)}, ${parts}`)], true));
  }

  show(exchange) {
    const { kind, fields, who, at, status, ms } = exchange;
    const body = [pairs(fields), answer(exchange.answer)];
    if (kind === "ussd" && isPage(exchange.answer)) body.push(filled(exchange.answer.slice(4)));
    if (kind === "sms") body.push(filled(fields.text));
    if (exchange.verdict) body.push(element("p", exchange.verdict.same ? "good" : "differs", exchange.verdict.text));
    if (navigator.clipboard) body.push(this.copier(exchange));
    const facts = [status || "failed", `${ms} ms`];
    this.add(this.entry(`${who} → /hooks/.../phone/${kind}`, at, facts, body, !QUIET.has(kind) || status !== 200));
  }

  entry(title, at, facts, body, open) {
    const entry = element("details", "entry");
    const time = element("time", "", at.toTimeString().slice(0, 8));
    time.dateTime = at.toISOString();
    entry.append(element("summary", "", time, element("span", "title", title), element("span", "facts", facts.join(" · "))), ...body);
    entry.open = open;
    return entry;
  }

  add(entry) {
    this.empty.hidden = true;
    this.place.prepend(entry);
    while (this.place.children.length > KEPT) this.place.lastChild.remove();
  }

  clear() {
    this.place.replaceChildren();
    this.empty.hidden = false;
  }

  copier({ kind, fields }) {
    const button = element("button", "copy", "Copy as curl");
    button.type = "button";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(curl(`${location.origin}${this.hooks}/${kind}`, fields));
      button.textContent = "Copied";
    });
    return button;
  }
}

/** Whether an answer is a page, as the carrier understands it. */
export function isPage(answer) {
  return answer.startsWith("CON ") || answer.startsWith("END ");
}

function compare(first, again) {
  const same = first.status === again.status && first.answer === again.answer;
  const bytes = new TextEncoder().encode(again.answer).length;
  return { same, text: same ? `Same answer, byte for byte (${bytes} bytes).` : "Another answer than the first time." };
}

function pairs(fields) {
  const list = element("dl", "fields");
  for (const [name, value] of Object.entries(fields)) {
    list.append(element("div", name === "text" ? "text" : "", element("dt", "", name), element("dd", "", value === "" ? '""' : value)));
  }
  return list;
}

function answer(text) {
  return element("pre", "answer", text);
}

function note(text, over = false) {
  return element("p", over ? "used over" : "used", text);
}

/** How much of one screen or text it fills; marked when it does not fit. */
function filled(text) {
  const { units, single } = measure(text);
  return note(used(text), units > single);
}

function curl(url, fields) {
  const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
  return ["curl", quoted(url), ...Object.entries(fields).map(([name, value]) => `--data-urlencode ${quoted(`${name}=${value}`)}`)].join(" ");
}
