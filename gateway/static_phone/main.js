// Two handsets, one wire.

import { Handset } from "./handset.js";
import { Wire, element } from "./wire.js";

const POLL_MS = 1500;
const { hooks, dial, short, page } = document.body.dataset;
const at = (id) => document.getElementById(id);
const wire = new Wire(at("wire"), at("empty"), hooks);
const settings = { dial, short, page, reports: () => at("reports").value, moved: remember };
const phones = ["left", "right"].map((side) => new Handset(at(side), wire, settings));

function notice(text) {
  at("notice").textContent = text;
  at("notice").hidden = !text;
}

async function people() {
  try {
    const response = await fetch(`${page}/people`, { cache: "no-store" });
    const found = await response.json();
    if (!response.ok) throw new Error(found.error);
    if (!found.people.length) notice("No group yet. Load one with: flask group load demo/group.yaml --demo");
    return found;
  } catch (error) {
    notice(`The members could not be listed: ${error.message}`);
    return { people: [], left: "", right: "" };
  }
}

/** The two numbers stand in the address, so that a scene can be opened again or passed on. */
function remember() {
  const [left, right] = phones.map((phone) => phone.inbox.phone);
  history.replaceState(null, "", `?${new URLSearchParams({ left, right })}`);
}

async function start() {
  const found = await people();
  const wanted = new URLSearchParams(location.search);
  phones.forEach((phone, index) => {
    const side = index ? "right" : "left";
    phone.meet(found.people);
    phone.hold(wanted.get(side)?.replace(" ", "+") || found[side]);
  });
  remember();
  for (;;) {
    if (!document.hidden) await poll();
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function poll() {
  const orders = await Promise.all(phones.map((phone) => phone.poll()));
  const order = orders.find(Boolean);
  if (order && document.activeElement !== at("next") && !ordering) at("next").value = order;
}

let ordering = false;

at("next").addEventListener("change", async (event) => {
  ordering = true;
  try {
    const response = await fetch(`${page}/trouble`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ next_send: event.target.value }),
    });
    notice(response.ok ? "" : (await response.json()).error);
  } catch {
    notice("No connection to the server.");
  }
  ordering = false;
  event.target.blur();
});

at("clear").addEventListener("click", () => wire.clear());

start();
