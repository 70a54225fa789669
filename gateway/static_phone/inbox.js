// The texts of one phone: asks for them, remembers which are new, and reports their delivery as a carrier would.

import { stamp } from "./call.js";

const NUMBER = /^\+[1-9][0-9]{6,14}$/;

export class Inbox {
  constructor(wire, page, short) {
    Object.assign(this, { wire, page, short });
    this.empty("");
  }

  /** Another number: another inbox. */
  empty(phone) {
    Object.assign(this, { phone, texts: new Map(), unread: new Set(), reported: new Set(), after: "", opened: false });
  }

  /** Newest first. */
  get newest() {
    return [...this.texts.values()].sort((a, b) => (a.created_at === b.created_at ? 0 : a.created_at < b.created_at ? 1 : -1));
  }

  /** Ask once. {fresh texts, changed, nextSend}; null when the server did not answer. */
  async ask() {
    const phone = this.phone;
    if (!NUMBER.test(phone)) return { fresh: [], changed: false };
    let found;
    try {
      const response = await fetch(`${this.page}/inbox?${new URLSearchParams({ phone, after: this.after })}`, { cache: "no-store" });
      if (!response.ok) return null;
      found = await response.json();
    } catch {
      return null;
    }
    return phone === this.phone ? { ...this.take(found), nextSend: found.next_send } : { fresh: [], changed: false };
  }

  take(found) {
    const fresh = found.texts.filter((text) => !this.texts.has(text.id));
    const changed = found.texts.some((text) => this.texts.get(text.id)?.updated_at !== text.updated_at);
    for (const text of found.texts) this.texts.set(text.id, text);
    const arrived = this.opened ? fresh : []; // what was there before the phone was switched on is not news
    for (const text of arrived) this.unread.add(text.id);
    this.opened = true;
    this.after = found.now;
    return { fresh: arrived, changed };
  }

  /** Accepted texts that nobody reported yet. One whose sending timed out waits for a person. */
  get unreported() {
    return [...this.texts.values()].filter((text) => text.state === "accepted" && text.provider_id && !this.reported.has(text.id));
  }

  /** Tell the server what became of a text. The answer to a send that timed out was lost, and with it the id: the report brings one. */
  async report(text, status, who) {
    this.reported.add(text.id);
    const fields = {
      id: text.provider_id || `phone-late-${text.id}`,
      status,
      phoneNumber: this.phone,
      networkCode: "99999",
      ...(status === "Failed" ? { failureReason: "DeliveryFailure" } : {}),
      retryCount: "0",
    };
    const exchange = await this.wire.post("delivery", fields, who);
    if (exchange.status === 200) text.state = status === "Success" ? "delivered" : "failed";
  }

  /** Send a text to the group's number. */
  send(words, who) {
    const fields = {
      date: stamp(),
      from: this.phone,
      id: crypto.randomUUID ? crypto.randomUUID() : stamp() + Math.random(),
      linkId: "",
      text: words,
      to: this.short,
      cost: "KES 1.00",
      networkCode: "99999",
    };
    return this.wire.post("sms", fields, who);
  }
}
