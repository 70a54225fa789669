// One simple phone: what its screen shows, what its keys do. Calls and texts themselves are in call.js and inbox.js.

import { Call, SESSION_SECONDS } from "./call.js";
import { count, measure, used } from "./gsm7.js";
import { Inbox } from "./inbox.js";
import { Multitap } from "./multitap.js";
import { element, isPage } from "./wire.js";

const OLD_MAX = 20;
const HOLD_MS = 600;
const CODE = /\p{Lu}{2,8} [2-9]{5}(?![0-9])/gu; // "OK 48213": offered as a ready reply
const SOFT = {
  idle: ["Messages", "Clear"],
  waiting: ["", "Cancel"],
  page: ["Send", "Clear"],
  over: ["OK", ""],
  list: ["Open", "Back"],
  text: ["Reply", "Back"],
  write: ["Send", "Clear"],
};
const STATES = {
  accepted: "on its way",
  delivered: "delivered",
  failed: "reported as failed",
  unknown: "the carrier timed out: the server does not know whether this arrived",
};

export class Handset {
  constructor(seat, wire, settings) {
    Object.assign(this, { seat, wire, settings, call: null, mode: "idle", message: "", open: null, index: 0, old: [], people: [], name: "" });
    this.x = Object.fromEntries([...seat.querySelectorAll("[data-x]")].map((found) => [found.dataset.x, found]));
    this.inbox = new Inbox(wire, settings.page, settings.short);
    this.tap = new Multitap();
    if (matchMedia("(pointer: coarse)").matches) this.x.line.inputMode = "none"; // it has a keypad of its own
    this.listen();
    setInterval(() => this.tick(), 1000);
  }

  // ---- who holds it

  meet(people) {
    this.people = people;
    const groups = new Map();
    for (const person of people) {
      if (!groups.has(person.group_code)) {
        const group = element("optgroup");
        group.label = `${person.group_name} (${person.group_code})`;
        groups.set(person.group_code, group);
        this.x.who.append(group);
      }
      const facts = [...person.roles.map((role) => role.replaceAll("_", " ")), person.language].join(", ");
      const option = element("option", "", `${person.number} ${person.name} (${facts})`);
      option.value = person.phone;
      groups.get(person.group_code).append(option);
    }
  }

  /** Another person or number takes this phone. */
  hold(phone) {
    if (this.call) this.hangUp("Incomplete");
    this.inbox.empty(phone);
    const holders = this.people.filter((person) => person.phone === phone);
    const names = [...new Set(holders.map((person) => person.name))];
    this.name = names.join(" and ") || phone || "nobody";
    this.x.title.textContent = holders.length ? `${this.name}, ${about(holders[0], names.length)}` : phone || "No number";
    this.x.number.value = phone;
    this.x.who.value = holders.length ? phone : "";
    this.old = [];
    this.listOld();
    this.x.verdict.textContent = "";
    this.idle();
    this.poll();
  }

  // ---- keys

  listen() {
    const { who, number, phone, words, softleft, softright, keyright } = this.x;
    who.addEventListener("change", () => this.moveTo(who.value));
    number.addEventListener("change", () => this.moveTo(number.value.replace(/[\s().-]/g, "")));
    this.seat.addEventListener("click", (event) => this.clicked(event));
    phone.addEventListener("keydown", (event) => this.typed(event));
    phone.addEventListener("input", () => this.counted());
    words.addEventListener("keydown", () => this.tap.forget());
    softleft.addEventListener("click", () => this.act("left"));
    softright.addEventListener("click", () => this.act("right"));
    keyright.addEventListener("pointerdown", () => (this.holding = setTimeout(() => this.wipe(), HOLD_MS)));
    for (const over of ["pointerup", "pointerleave"]) keyright.addEventListener(over, () => clearTimeout(this.holding));
  }

  moveTo(phone) {
    this.hold(phone);
    this.settings.moved();
  }

  clicked(event) {
    const button = event.target.closest("button");
    if (!button) {
      if (event.target.closest(".show")) this.focus();
      return;
    }
    if (button.dataset.key) this.press(button.dataset.key);
    else if (button.dataset.do) this.act(button.dataset.do);
    else return;
    if (event.detail && button.closest(".phone")) this.focus(); // by mouse or finger; a key pressed by keyboard keeps the focus
  }

  typed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const field = event.target.closest("input, textarea");
    const button = event.target.closest("button");
    if (event.key === "Escape") this.act("end");
    else if (event.key === "Enter" && !button && !event.shiftKey) this.act(this.mode === "idle" ? "call" : "left");
    else if (/^[0-9*#+]$/.test(event.key) && !field) this.append(event.key);
    else if (event.key === "Backspace" && !field) this.rub();
    else if (event.key === "ArrowUp" && event.target !== this.x.words) this.act("up");
    else if (event.key === "ArrowDown" && event.target !== this.x.words) this.act("down");
    else return;
    event.preventDefault();
  }

  /** A key of the keypad. */
  press(key) {
    if (this.mode !== "write") return this.append(key);
    if (key === "#") {
      this.tap.toggle();
      return this.counted();
    }
    const [char, instead] = this.tap.press(key);
    if (instead) this.rub();
    this.append(char);
  }

  append(chars) {
    const field = this.field;
    if (!field || field.value.length + chars.length > field.maxLength) return;
    field.value += chars;
    this.counted();
  }

  rub() {
    if (this.field) this.field.value = Array.from(this.field.value).slice(0, -1).join("");
    this.counted();
  }

  wipe() {
    if (this.field) this.field.value = "";
    this.counted();
  }

  get field() {
    return { idle: this.x.line, page: this.x.line, write: this.x.words }[this.mode] ?? null;
  }

  act(what) {
    const acts = {
      left: () => this.yes(),
      right: () => this.back(),
      call: () => (this.mode === "idle" ? this.dial() : this.mode === "page" ? this.yes() : this.call ? null : this.idle()),
      end: () => (this.call ? this.hangUp("Incomplete", "Call ended.") : this.idle()),
      up: () => this.step(-1),
      down: () => this.step(1),
      repeat: () => this.again(this.old[0]),
      drop: () => this.drop(),
      replay: () => this.again(this.old[Number(this.x.old.value)], this.x.old.value !== ""),
    };
    return acts[what]?.();
  }

  /** The left soft key. */
  yes() {
    const acts = {
      idle: () => this.list(),
      page: () => this.answer(),
      over: () => this.idle(),
      list: () => (this.index ? this.read(this.inbox.newest[this.index - 1]) : this.compose()),
      text: () => this.compose(),
      write: () => this.send(),
    };
    return acts[this.mode]?.();
  }

  /** The right soft key: rubs out what is typed, else leads back. */
  back() {
    if (this.field?.value) return this.rub();
    const acts = {
      waiting: () => this.act("end"),
      page: () => this.act("end"),
      list: () => this.idle(),
      text: () => this.list(),
      write: () => (this.open ? this.read(this.open) : this.list()),
    };
    return acts[this.mode]?.();
  }

  step(by) {
    if (this.mode !== "list") return this.x.show.scrollBy({ top: by * 54 });
    this.index = Math.min(Math.max(this.index + by, 0), this.inbox.texts.size);
    this.mark();
  }

  // ---- the call

  async dial() {
    const code = this.x.line.value.trim();
    if (!code || !this.inbox.phone) return;
    this.call = new Call(this.wire, this.inbox.phone, this.name, code, this.settings.dial);
    await this.hop();
  }

  async answer() {
    const typed = this.x.line.value.trim();
    if (typed) await this.hop(typed);
  }

  async hop(typed) {
    const call = this.call;
    this.show("waiting", "USSD code running...");
    this.tick();
    const exchange = await call.hop(typed);
    this.keep(exchange);
    if (this.call !== call) return; // hung up meanwhile: nobody reads the answer
    if (exchange.status !== 200 || !isPage(exchange.answer)) this.hangUp("Failed", "Connection problem or invalid MMI code.", exchange.answer);
    else if (exchange.answer.startsWith("END ")) this.hangUp("Success", exchange.answer.slice(4));
    else this.show("page", exchange.answer.slice(4));
  }

  /** The call is over: the carrier says so, and the screen shows why. */
  hangUp(status, message, error = "") {
    this.call.end(status, error);
    this.call = null;
    if (message) this.show("over", message);
    this.tick();
  }

  /** Out of coverage: no notice, no goodbye. */
  drop() {
    if (!this.call) return this.judge("There is no call to drop.");
    this.call = null;
    this.show("over", "Connection lost.");
    this.tick();
    this.judge("Dropped without a notice to the server.");
  }

  // ---- texts

  async poll() {
    const news = await this.inbox.ask();
    this.x.signal.classList.toggle("lost", news === null);
    if (!news) return null;
    for (const text of news.fresh) this.wire.received(text, this.name);
    const status = this.settings.reports();
    if (status) for (const text of this.inbox.unreported) this.inbox.report(text, status, this.name);
    if (news.changed && this.mode === "list") this.list(this.index);
    if (news.changed && this.mode === "idle") this.idle(this.x.line.value);
    if (news.changed && this.mode === "text") this.update(this.inbox.texts.get(this.open.id));
    this.badge();
    return news.nextSend;
  }

  read(text) {
    this.open = text;
    this.inbox.unread.delete(text.id);
    this.show("text", text.text);
  }

  /** The text on the screen, when the server knows more about it now. */
  update(text) {
    if (text && text.state !== this.shown) this.read(text);
  }

  compose() {
    if (this.mode !== "text") this.open = null;
    this.x.words.value = "";
    this.tap = new Multitap();
    this.show("write");
  }

  async send() {
    const words = this.x.words.value.trim();
    if (!words || !this.inbox.phone) return;
    this.show("waiting", "Sending...");
    const exchange = await this.inbox.send(words, this.name);
    this.keep(exchange);
    if (this.mode === "waiting") this.show("over", exchange.status === 200 ? `Sent to ${this.settings.short}.` : `Not sent: ${exchange.answer}`);
  }

  // ---- trouble

  async again(exchange, chosen = true) {
    if (!exchange || !chosen) return this.judge("Nothing was sent from this phone yet; dial first.");
    const again = await this.wire.post(exchange.kind, exchange.fields, this.name, exchange);
    this.judge(again.verdict.text, again.verdict.same);
  }

  judge(text, same) {
    this.x.verdict.textContent = text;
    this.x.verdict.classList.toggle("good", same === true);
    this.x.verdict.classList.toggle("differs", same === false);
  }

  keep(exchange) {
    if ((exchange.fields.phoneNumber ?? exchange.fields.from) !== this.inbox.phone) return;
    this.old = [exchange, ...this.old].slice(0, OLD_MAX);
    this.listOld();
  }

  listOld() {
    const options = this.old.map(({ kind, at, fields }, index) => {
      const what = kind === "ussd" ? `dial ${fields.text || fields.serviceCode}` : `text ${fields.text}`;
      const option = element("option", "", `${at.toTimeString().slice(0, 8)} ${what}`);
      option.value = String(index);
      return option;
    });
    this.x.old.replaceChildren(element("option", "", "An earlier request"), ...options);
    this.x.old.firstChild.value = "";
  }

  // ---- the screen

  idle(code = this.settings.dial) {
    this.x.line.value = code;
    this.show("idle");
  }

  list(index = this.inbox.texts.size ? 1 : 0) {
    this.index = Math.min(index, this.inbox.texts.size);
    this.show("list");
  }

  /** Everything the screen shows follows from the mode. */
  show(mode, message = "") {
    const { show, line, words, count } = this.x;
    const fresh = mode !== this.mode || mode === "page";
    Object.assign(this, { mode, message });
    const mine = this.phoneHasFocus();
    if (mode !== "idle" && fresh) line.value = "";
    line.hidden = !["idle", "page"].includes(mode);
    words.hidden = count.hidden = mode !== "write";
    show.className = `show ${mode}`;
    show.replaceChildren(...this.content());
    show.scrollTop = 0;
    this.counted();
    this.badge();
    if (mode === "list") this.mark();
    if (mine && (fresh || !this.phoneHasFocus())) this.focus();
  }

  content() {
    const makers = { idle: () => this.home(), list: () => this.items(), text: () => this.letter(), write: () => this.blank() };
    return makers[this.mode]?.() ?? [this.message];
  }

  home() {
    const unread = this.inbox.unread.size;
    const hint = this.inbox.phone ? "Press the green key to dial." : "Choose who holds this phone.";
    const news = unread ? [element("p", "news", unread === 1 ? "1 new message" : `${unread} new messages`)] : [];
    return [element("p", "owner", this.name), ...news, element("p", "hint", hint)];
  }

  items() {
    const texts = this.inbox.newest.map((text) => {
      const unread = this.inbox.unread.has(text.id);
      return this.item(unread ? "item unread" : "item", () => this.read(text), element("b", "", unread ? "● " : ""), clock(text.created_at), " ", text.text);
    });
    return [this.item("item", () => this.compose(), "Write a text"), ...texts];
  }

  item(name, act, ...content) {
    const button = element("button", name, ...content);
    button.type = "button";
    button.tabIndex = -1;
    button.addEventListener("click", () => {
      act();
      this.focus();
    });
    return button;
  }

  letter() {
    const text = this.open;
    this.shown = text.state;
    const { parts } = measure(text.text);
    const facts = element("p", "facts", `${clock(text.created_at)} · ${used(text.text)}, ${parts} ${parts === 1 ? "part" : "parts"} · ${STATES[text.state]}`);
    return [element("p", "", text.text), facts, ...(["accepted", "unknown"].includes(text.state) ? [this.reports(text)] : [])];
  }

  reports(text) {
    const choice = (label, status) =>
      this.item("chip", async () => {
        await this.inbox.report(text, status, this.name);
        if (this.mode === "text" && this.open === text) this.read(text);
      }, label);
    return element("div", "chips", choice("Report delivered", "Success"), choice("Report failed", "Failed"));
  }

  blank() {
    const ready = [...new Set((this.open?.text ?? "").match(CODE) ?? [])];
    const chips = ready.map((words) => this.item("chip", () => this.fill(words), words));
    return [element("p", "facts", `To ${this.settings.short}`), element("div", "chips", ...chips)];
  }

  fill(words) {
    this.x.words.value = words;
    this.counted();
  }

  /** Shows which message is chosen. */
  mark() {
    const items = [...this.x.show.children];
    items.forEach((item, index) => {
      item.classList.toggle("chosen", index === this.index);
      item.tabIndex = index === this.index ? 0 : -1;
    });
    items[this.index]?.scrollIntoView({ block: "nearest" });
    if (this.phoneHasFocus()) this.focus();
  }

  /** Labels of the soft keys and the length of what is typed. */
  counted() {
    const [left, right] = SOFT[this.mode];
    const empty = this.field !== null && !this.field.value;
    const back = empty ? { idle: "", page: "Cancel", write: "Back" }[this.mode] : right;
    const unread = this.inbox.unread.size;
    this.label("left", this.mode === "idle" && unread ? `${left} (${unread})` : left);
    this.label("right", back);
    this.x.softmode.textContent = this.mode === "write" ? (this.tap.letters ? "ABC" : "123") : "";
    const words = this.x.words.value;
    this.x.count.textContent = count(words);
    this.x.count.classList.toggle("over", measure(words).encoding === "UCS-2");
    this.x.keycall.setAttribute("aria-label", this.mode === "page" ? "Answer" : "Call");
  }

  label(side, text) {
    this.x[`soft${side}`].textContent = text;
    this.x[`key${side}`].setAttribute("aria-label", text || "No function now");
  }

  badge() {
    const unread = this.inbox.unread.size;
    this.x.badge.textContent = unread ? `✉ ${unread}` : "";
    this.x.badge.setAttribute("aria-label", unread ? `${unread} unread` : "");
  }

  tick() {
    if (this.call && this.call.seconds >= SESSION_SECONDS) this.hangUp("Incomplete", "Session timed out.");
    this.x.clock.textContent = this.call ? `${this.call.seconds} of ${SESSION_SECONDS} s` : new Date().toTimeString().slice(0, 5);
    this.x.clock.classList.toggle("over", this.call !== null && this.call.seconds > SESSION_SECONDS - 30);
  }

  phoneHasFocus() {
    return this.x.phone.contains(document.activeElement);
  }

  focus() {
    const place = this.field ?? (this.mode === "list" ? this.x.show.children[this.index] : this.x.keyleft);
    place.focus({ preventScroll: true });
    if (this.field) place.setSelectionRange(place.value.length, place.value.length);
  }
}

function about(person, names) {
  if (names > 1) return person.group_name;
  const what = person.roles.length ? person.roles[0].replaceAll("_", " ") : `member ${person.number}`;
  return `${what} of ${person.group_name}`;
}

function clock(iso) {
  const moment = new Date(iso);
  const today = moment.toDateString() === new Date().toDateString();
  return today ? moment.toTimeString().slice(0, 5) : `${moment.getDate()}/${moment.getMonth() + 1}`;
}
