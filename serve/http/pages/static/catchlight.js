// Sends the chosen file, shows the report. Plain text is set with textContent: nothing from a file becomes markup.
"use strict";

const byId = (id) => document.getElementById(id);
const words = byId("words").content;
let asked = null; // the request under way
let address = null; // of the page that is shown

function say(text) { byId("status").textContent = text; }
function fail(text) { byId("error").textContent = text; say(""); }

function headers(accept) {
  const key = byId("key") && byId("key").value.trim();
  return { Accept: accept, ...(key ? { Authorization: `Bearer ${key}` } : {}) };
}

async function answer(url, options) {
  const response = await fetch(url, { signal: asked.signal, ...options });
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({ title: `status ${response.status}`, detail: "" }));
  throw new Error(`${problem.title}. ${problem.detail}`);
}

function sleep(milliseconds) {
  return new Promise((resolve) => { setTimeout(resolve, milliseconds); });
}

async function judge(file) {
  const form = new FormData();
  form.append("file", file, file.name);
  const detector = byId("detector") ? `&detector=${encodeURIComponent(byId("detector").value)}` : "";
  say("Sending and judging …");
  const sent = await answer(`/v1/detect?page=true${detector}`, {
    method: "POST", body: form, headers: headers("application/json"),
  });
  const found = await sent.json();
  return sent.status === 200 ? { report: found, page: found.page } : follow(`/v1/jobs/${found.id}`);
}

async function follow(job) {
  asked.signal.addEventListener("abort", () => fetch(job, { method: "DELETE", headers: headers("*/*") }));
  for (;;) {
    const now = await (await answer(job, { headers: headers("application/json") })).json();
    if (now.state === "done") {
      const page = await answer(`${job}/report.html`, { headers: headers("text/html") });
      return { report: now.result, page: await page.text(), job };
    }
    if (now.error) throw new Error(`${now.error.title}. ${now.error.detail}`);
    if (now.state !== "queued" && now.state !== "running") throw new Error(`The job is ${now.state}.`);
    say(now.state === "queued" ? "Waiting for its turn …" : `Judging … ${Math.round(100 * now.progress)} %`);
    await sleep(250);
  }
}

function show(found) {
  const { report, page } = found;
  const meaning = words.querySelector(`[data-verdict="${report.verdict}"]`);
  const share = report.p_fake === null ? "" : ` (probability of forgery ${Math.round(100 * report.p_fake)} %)`;
  byId("verdict").textContent = `${meaning.dataset.symbol} ${report.verdict}${share}`;
  byId("meaning").textContent = meaning.textContent;
  byId("reasons").replaceChildren(...report.reasons.map((reason) => {
    const item = document.createElement("li");
    const known = /^[a-z_]+$/.test(reason) && words.querySelector(`[data-reason="${reason}"]`);
    item.textContent = known ? known.textContent : reason;
    return item;
  }));
  if (address) URL.revokeObjectURL(address);
  address = URL.createObjectURL(new Blob([page], { type: "text/html" }));
  byId("save").href = address;
  byId("page").src = address;
  byId("result").hidden = false;
  byId("verdict").focus();
  say("Done.");
}

async function run(file) {
  byId("error").textContent = "";
  byId("result").hidden = true;
  byId("go").disabled = true;
  byId("stop").hidden = false;
  asked = new AbortController();
  try {
    const found = await judge(file);
    show(found);
    if (found.job) await fetch(`${found.job}?forget=true`, { method: "DELETE", headers: headers("*/*") });
  } catch (error) {
    fail(error.name === "AbortError" ? "Stopped." : error.message);
  } finally {
    byId("go").disabled = false;
    byId("stop").hidden = true;
  }
}

byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const file = byId("file").files[0];
  if (file) run(file); else fail("Choose a file first.");
});
byId("stop").addEventListener("click", () => asked && asked.abort());

const drop = byId("drop");
for (const kind of ["dragover", "dragenter"]) {
  drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
}
for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer.files.length) {
    byId("file").files = event.dataTransfer.files;
    run(event.dataTransfer.files[0]);
  }
});
