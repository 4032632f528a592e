// The little of the DOM that everything here uses.
export const one = (selector, within = document) => within.querySelector(selector);
export const all = (selector, within = document) => [...within.querySelectorAll(selector)];

/** A copy of what is in `<template id>`. */
export const copyOf = (id) => one(`template#${id}`).content.firstElementChild.cloneNode(true);

export function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button button--quiet button--small";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

/** Put words into a node that is hidden while it has none. */
export function put(node, text) {
  node.textContent = text;
  node.hidden = !text;
}

/** Say it to screen readers, where nothing that can be seen says it. */
export function say(text) {
  const voice = one("[data-voice]");
  voice.textContent = "";
  setTimeout(() => { voice.textContent = text; }, 50); // a region that was emptied first is read again
}

/** After a dialog: if what had the focus before it is gone, go on at the top of what is shown. */
export function goOn() {
  const focused = document.activeElement;
  if (focused === document.body || !focused.checkVisibility()) one("[data-view]:not([hidden]) h1").focus();
}

export const moment = (iso) =>
  new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
