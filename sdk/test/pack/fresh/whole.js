export { createClient } from "lingauth";
