// The human check of the sign-in page: fetches a challenge, has workers solve it and puts the answer into the form.
//
// The element marked data-human-check carries the addresses and every word shown:
//   data-challenge  address of the challenge (JSON)      data-worker  address of the worker
//   data-answer     id of the hidden input               data-seconds how long an answer is good
//   data-busy, data-passed, data-help, data-failed, data-insecure: texts
// and holds a .badge and a .help; a button marked data-human-check-again, hidden at first, starts it anew.
"use strict";

(() => {
  const SOLVING_LIMIT = 60_000; // milliseconds
  const MOST_WORKERS = 4;

  const place = document.querySelector("[data-human-check]");
  if (!place) return;
  const words = place.dataset;
  const badge = place.querySelector(".badge");
  const help = place.querySelector(".help");
  const again = document.querySelector("[data-human-check-again]");
  const answer = document.getElementById(words.answer);
  const form = answer.form;
  let attempt = 0;
  let solvedAt = 0;
  let wantsToSubmit = false;

  function show(mood, text, explanation) {
    badge.className = `badge ${mood}`;
    badge.textContent = text;
    help.textContent = explanation;
    again.hidden = mood !== "bad";
  }

  async function fetchChallenge() {
    const response = await fetch(words.challenge, { cache: "no-store", headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(`The challenge was answered with ${response.status}`);
    return response.json();
  }

  function ask(worker, challenge, counterStart, counterStep) {
    return new Promise((resolve, reject) => {
      worker.addEventListener("error", () => reject(new Error("The worker did not start")));
      worker.addEventListener("message", ({ data }) => {
        // The worker says null when its time is over, and { error } when it failed.
        if (data && !data.error) resolve(data);
        else reject(new Error(data ? `The worker failed: ${data.error}` : "The challenge was not solved in time"));
      });
      worker.postMessage({ type: "work", challenge, counterStart, counterStep, timeout: SOLVING_LIMIT });
    });
  }

  async function solve(challenge) {
    const count = Math.min(MOST_WORKERS, navigator.hardwareConcurrency || 1);
    const workers = Array.from({ length: count }, () => new Worker(words.worker));
    try {
      return await Promise.race(workers.map((worker, index) => ask(worker, challenge, index, count)));
    } finally {
      workers.forEach((worker) => worker.terminate());
    }
  }

  function pass(challenge, solution) {
    answer.value = btoa(JSON.stringify({ challenge, solution }));
    solvedAt = Date.now();
    show("ok", words.passed, words.help);
    if (!wantsToSubmit) return;
    wantsToSubmit = false;
    form.requestSubmit();
  }

  async function start() {
    const mine = ++attempt;
    answer.value = "";
    show("busy", words.busy, "");
    try {
      if (!window.isSecureContext) throw new Error("Browsers offer no cryptography to a page that came by plain http");
      const challenge = await fetchChallenge();
      const solution = await solve(challenge);
      if (mine === attempt) pass(challenge, solution);
    } catch (error) {
      console.warn(error);
      if (mine !== attempt) return;
      wantsToSubmit = false;
      show("bad", words.failed, window.isSecureContext ? "" : words.insecure);
    }
  }

  // Who presses Login early, or with an answer that has grown old, waits for the new one instead of being refused.
  form.addEventListener("submit", (event) => {
    const isGood = answer.value && Date.now() - solvedAt < words.seconds * 1000;
    if (isGood) return;
    event.preventDefault();
    const isBusy = badge.classList.contains("busy");
    wantsToSubmit = true;
    if (!isBusy) start();
  });
  again.addEventListener("click", start);
  // A page that Back brings out of the browser's memory holds an answer that was used.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) start();
  });
  start();
})();
