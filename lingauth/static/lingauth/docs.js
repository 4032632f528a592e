// Draws a backend's description. Everything it needs is in the page's data attribute.
"use strict";

const api = document.getElementById("api");
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

SwaggerUIBundle({
  url: api.dataset.openapi,
  domNode: api,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  showExtensions: false,
  tryItOutEnabled: false,
  // No validator of somebody else's is asked about our addresses.
  validatorUrl: null,
});
