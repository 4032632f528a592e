// The server: better-auth's own handler for Node, and one endpoint of the host's own; one process.
import { createServer } from "node:http";
import { toNodeHandler } from "better-auth/node";
import { auth } from "./auth.mjs";
import { orders } from "./orders.mjs";

const own = toNodeHandler(auth);
createServer((request, response) => (request.url === "/orders" ? orders : own)(request, response)).listen(
  Number(process.env.PORT),
  "127.0.0.1",
);
