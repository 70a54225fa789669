// One USSD call as a carrier holds it: a session id, everything typed so far, and a notice at the end.

export const SESSION_SECONDS = 180;
const NETWORK = "99999";

/** What a direct dial means: `*384*77*1*2#` is the service `*384*77#` with the first text `1*2`. */
export function split(dialled, code) {
  const stem = `${code.replace(/#$/, "")}*`;
  const direct = dialled.startsWith(stem) && dialled.endsWith("#") && dialled.length > stem.length + 1;
  return direct ? [code, dialled.slice(stem.length, -1)] : [dialled, ""];
}

/** 2026-11-21 09:30:00, in UTC. */
export function stamp(moment = new Date()) {
  return moment.toISOString().slice(0, 19).replace("T", " ");
}

export class Call {
  constructor(wire, phone, who, dialled, code) {
    [this.service, this.text] = split(dialled, code);
    Object.assign(this, { wire, phone, who, started: Date.now(), hops: [], last: "" });
    this.session = `ATUid_${crypto.getRandomValues(new Uint8Array(16)).reduce((hex, byte) => hex + byte.toString(16).padStart(2, "0"), "")}`;
  }

  get seconds() {
    return Math.floor((Date.now() - this.started) / 1000);
  }

  /** Send what was typed; without an argument the first hop. */
  async hop(typed) {
    if (typed !== undefined) this.text = this.text ? `${this.text}*${typed}` : typed;
    this.hops.push(typed ?? this.service);
    const fields = {
      sessionId: this.session,
      phoneNumber: this.phone,
      networkCode: NETWORK,
      serviceCode: this.service,
      text: this.text,
    };
    const exchange = await this.wire.post("ussd", fields, this.who);
    this.last = exchange.answer;
    return exchange;
  }

  /** The carrier's notice: Success after an END, Incomplete after a hang-up, Failed after an answer that was none. */
  end(status, errorMessage = "") {
    const fields = {
      date: stamp(),
      sessionId: this.session,
      serviceCode: this.service,
      networkCode: NETWORK,
      phoneNumber: this.phone,
      status,
      cost: "KES 0.00",
      durationInMillis: String(Date.now() - this.started),
      hopsCount: String(this.hops.length),
      hopsMetadata: this.hops.join("|"),
      input: this.text,
      lastAppResponse: this.last,
      errorMessage,
    };
    return this.wire.post("ussd-events", fields, this.who);
  }
}
